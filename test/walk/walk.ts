import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { atEnd } from '../support/clean-up.js';
import { copyRepository } from './copy.js';
import type { Block } from './markdown.js';

const READY_MS = 90_000;
/** Variables of the test run, and settings of Nestor, that a reader's shell would not have. */
const NOT_THE_READERS = /^(VITEST|NODE_ENV|npm_|APP_|ARTIFACTS_|PREDICTION_LOG_|DOCS_|CORS_|LOG_|HOST$|CI$)/;

/** A reader who does what a document says, in a copy of the repository and on a port of his own. */
export class Walk {
  private server: ChildProcess | undefined;

  private constructor(
    readonly folder: string,
    private readonly port: number,
  ) {}

  static async begin({ isBuilt }: { isBuilt: boolean }): Promise<Walk> {
    const walk = new Walk(copyRepository({ isBuilt }), await freePort());
    atEnd(() => walk.stop());
    return walk;
  }

  /** Runs the commands of a block to their end. @returns what they printed. @throws Error if one fails. */
  run(block: Pick<Block, 'text' | 'line'>): string {
    const { status, stdout, stderr } = spawnSync(
      'sh',
      ['-eu', '-c', this.localized(block.text)],
      this.options(),
    );
    if (status === 0) return stdout;
    throw new Error(`the commands of line ${block.line} ended with ${status}: ${stderr}${stdout}`);
  }

  /** Runs a Python block with the interpreter of `python/.venv`. @returns what it printed. */
  python(block: Pick<Block, 'text' | 'line'>): string {
    writeFileSync(join(this.folder, 'block.py'), this.localized(block.text));
    return this.run({ text: 'python/.venv/bin/python block.py', line: block.line });
  }

  /** Starts a server by the commands of a block, in place of the last one, and waits until it is ready. */
  async serve(text: string): Promise<void> {
    await this.stop();
    // The copy's node_modules is a link, which `npm ci` would empty; the gate begins with that command.
    const command = this.localized(text).replace('npm ci', 'true');
    const child = spawn('sh', ['-eu', '-c', command], { ...this.options(), detached: true, stdio: 'pipe' });
    let said = '';
    child.stdout.setEncoding('utf8').on('data', (part: string) => (said += part));
    child.stderr.setEncoding('utf8').on('data', (part: string) => (said += part));
    this.server = child;
    for (const until = Date.now() + READY_MS; Date.now() < until; await pause(100)) {
      if (child.exitCode !== null) break;
      const ready = await fetch(`http://127.0.0.1:${this.port}/health/ready`).catch(() => undefined);
      if (ready?.ok) return;
    }
    throw new Error(`no server after ${command}: ${said}`);
  }

  /** Ends the server as Ctrl-C in its terminal would. */
  async stop(): Promise<void> {
    const child = this.server;
    this.server = undefined;
    if (child?.pid === undefined || child.exitCode !== null) return;
    const ended = once(child, 'close');
    process.kill(-child.pid, 'SIGINT');
    await ended;
  }

  private localized(text: string): string {
    return text.replaceAll(/\b(localhost|127\.0\.0\.1):3000\b/g, `127.0.0.1:${this.port}`);
  }

  private options() {
    const own = Object.entries(process.env).filter(([key]) => !NOT_THE_READERS.test(key));
    // npm puts its own folders before the reader's, and with them another node.
    const path = (process.env['PATH'] ?? '').split(':').filter((folder) => !folder.includes('node_modules'));
    const env = { ...Object.fromEntries(own), PATH: path.join(':'), PORT: String(this.port) };
    return { cwd: this.folder, env, encoding: 'utf8', maxBuffer: 64 << 20 } as const;
  }
}

const CHANGING: readonly (readonly [RegExp, string])[] = [
  [/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, '<id>'],
  [/\b[0-9a-f]{64}\b/g, '<digest>'],
  [/\d{4}-\d{2}-\d{2}(T[\d:.]+Z)?/g, '<time>'],
  [/"duration_us": ?\d+/g, '"duration_us":0'],
  [/[\w.-]+-\d+-[0-9a-f]{16}-\d+\.ndjson/g, '<file>'],
];

/** A processor of another kind may round the last digits of a probability otherwise. */
const DIGITS = 9;

/** What a command printed, as it can be compared: ids, digests and times look alike, JSON has no layout. */
export function comparable(text: string): unknown {
  const same = CHANGING.reduce((rest, [pattern, word]) => rest.replaceAll(pattern, word), text.trim());
  try {
    return JSON.parse(same, (_, value: unknown) =>
      typeof value === 'number' ? Number(value.toPrecision(DIGITS)) : value,
    );
  } catch {
    return same.split('\n').map((line) => line.trimEnd());
  }
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}
