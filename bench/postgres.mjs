// A PostgreSQL of its own in a temporary folder, by Debian's programs.
import { execFileSync, spawn } from 'node:child_process';
import { chownSync, globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { Client } from 'pg';
import { BenchFault } from './machine.mjs';

const programsOf = () => globSync('/usr/lib/postgresql/*/bin').toSorted().at(-1);

export class Postgres {
  static isInstalled() {
    return programsOf() !== undefined;
  }

  /** An empty database on a port. @throws BenchFault where PostgreSQL is not installed. */
  static async start(port) {
    const programs = programsOf();
    if (programs === undefined) throw new BenchFault('PostgreSQL is needed: apt-get install postgresql');
    const folder = mkdtempSync(join(tmpdir(), 'nestor-postgres-'));
    process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
    // It does not run as root.
    const line = readFileSync('/etc/passwd', 'utf8')
      .split('\n')
      .find((each) => each.startsWith('postgres:'));
    const [, , uid, gid] = (line ?? '').split(':').map(Number);
    const user = process.getuid() === 0 ? { uid, gid } : {};
    if (user.uid !== undefined) chownSync(folder, uid, gid);
    const options = { cwd: folder, stdio: 'ignore', ...user };
    const data = ['--pgdata', join(folder, 'data'), '--username', 'nestor', '--auth', 'trust'];
    execFileSync(join(programs, 'initdb'), [...data, '--encoding', 'UTF8', '--locale', 'C'], options);
    const child = spawn(
      join(programs, 'postgres'),
      ['-D', join(folder, 'data'), '-p', String(port), '-h', '127.0.0.1', '-k', folder],
      options,
    );
    const postgres = new Postgres();
    Object.assign(postgres, { child, url: `postgres://nestor@127.0.0.1:${port}/postgres` });
    while (!(await postgres.answers())) await after(50);
    return postgres;
  }

  /** Sends a signal to all its processes. */
  signal(signal) {
    const lines = execFileSync('ps', ['-eo', 'pid=,ppid='], { encoding: 'utf8' }).trim().split('\n');
    const pids = lines.map((line) => line.trim().split(/\s+/).map(Number));
    for (const [pid, parent] of pids) {
      if (pid !== this.child.pid && parent !== this.child.pid) continue;
      try {
        process.kill(pid, signal);
      } catch (error) {
        // One of them has ended meanwhile.
        if (error.code !== 'ESRCH') throw error;
      }
    }
  }

  async answers() {
    const client = new Client(this.url);
    client.on('error', () => {});
    return await client.connect().then(
      () => client.end().then(() => true),
      () => false,
    );
  }
}
