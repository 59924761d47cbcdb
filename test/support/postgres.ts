import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { Client } from 'pg';
import { atEnd } from './clean-up.js';
import { freePort } from './ports.js';
import { temporaryFolder } from './temporary-folder.js';

/** Where Debian puts the server's programs. */
const [BIN] = globSync('/usr/lib/postgresql/*/bin').toSorted().toReversed();

export const HAS_POSTGRES = BIN !== undefined && existsSync(join(BIN, 'postgres'));

/** PostgreSQL does not run as root: the user that Debian makes for it, or this one where it is not root. */
function userAndGroup(): { uid?: number; gid?: number } {
  if (process.getuid?.() !== 0) return {};
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((each) => each.startsWith('postgres:') || each.startsWith('nobody:'));
  const [, , uid, gid] = line!.split(':');
  return { uid: Number(uid), gid: Number(gid) };
}

/** A PostgreSQL of its own in a temporary folder, on a free port of 127.0.0.1; gone when the test file is done. */
export class Postgres {
  private child: ChildProcess | undefined;
  private databases = 0;

  private constructor(
    private readonly folder: string,
    readonly port: number,
    private readonly user: { uid?: number; gid?: number },
  ) {}

  static async start(): Promise<Postgres> {
    const folder = temporaryFolder();
    const user = userAndGroup();
    if (user.uid !== undefined) chownSync(folder, user.uid, user.gid!);
    const parameters = ['--pgdata', join(folder, 'data'), '--username', 'nestor', '--auth', 'trust'];
    execFileSync(join(BIN!, 'initdb'), [...parameters, '--no-sync', '--encoding', 'UTF8', '--locale', 'C'], {
      stdio: 'ignore',
      cwd: folder,
      ...user,
    });
    const postgres = new Postgres(folder, await freePort(), user);
    atEnd(() => postgres.stop('SIGKILL'));
    await postgres.begin();
    return postgres;
  }

  /** The address of an empty database. */
  async newDatabase(): Promise<string> {
    const name = `test_${++this.databases}`;
    const client = new Client(this.address('postgres'));
    await client.connect();
    await client.query(`create database ${name}`);
    await client.end();
    return this.address(name);
  }

  private async answers(): Promise<boolean> {
    const client = new Client(this.address('postgres'));
    client.on('error', () => {});
    return await client.connect().then(
      () => client.end().then(() => true),
      () => false,
    );
  }

  private address(database: string): string {
    return `postgres://nestor@127.0.0.1:${this.port}/${database}`;
  }

  /** Starts it, also again. */
  async begin(): Promise<void> {
    const options = ['-c', 'listen_addresses=127.0.0.1', '-c', `unix_socket_directories=${this.folder}`];
    this.child = spawn(
      join(BIN!, 'postgres'),
      ['-D', join(this.folder, 'data'), '-p', String(this.port), '-c', 'fsync=off', ...options],
      { stdio: 'ignore', cwd: this.folder, ...this.user },
    );
    while (!(await this.answers())) await after(50);
  }

  /** Sends a signal to all its processes. */
  signal(signal: NodeJS.Signals): void {
    // Its children make process groups of their own.
    const pids = execFileSync('ps', ['-e', '-o', 'pid=,ppid=']).toString().trim().split('\n');
    const children = pids
      .map((line) => line.trim().split(/\s+/).map(Number))
      .filter(([, parent]) => parent === this.child!.pid)
      .map(([pid]) => pid!);
    for (const pid of [this.child!.pid!, ...children]) {
      try {
        process.kill(pid, signal);
      } catch (error) {
        // One of them has ended meanwhile.
        if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
      }
    }
  }

  async stop(signal: NodeJS.Signals = 'SIGINT'): Promise<void> {
    const { child } = this;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    if (signal === 'SIGKILL') this.signal('SIGKILL');
    else child.kill(signal);
    await gone;
  }
}
