import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { atEnd } from './clean-up.js';
import { testSettings } from './create-app.js';
import { metric } from './metrics.js';
import { temporaryFolder } from './temporary-folder.js';

const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Seconds from the start of the process, or from `stop`, to its end. */
  readonly seconds: number;
}

/** `dist/main.js` as a process of its own. */
export class Server {
  stdout = '';
  stderr = '';
  url = '';
  readonly ended: Promise<Ended>;

  constructor(
    readonly child: ChildProcess,
    readonly settings: Readonly<Record<string, string>>,
  ) {
    const started = performance.now();
    child.stdout?.setEncoding('utf8').on('data', (text: string) => (this.stdout += text));
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.stderr += text));
    this.ended = once(child, 'close').then(([code, signal]) => ({
      code: code as number | null,
      signal: signal as NodeJS.Signals | null,
      seconds: (performance.now() - started) / 1000,
    }));
  }

  get pid(): number {
    return this.child.pid!;
  }

  get port(): number {
    return Number(new URL(this.url).port);
  }

  /** Resolves as soon as the standard output matches. */
  async untilStdout(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const match = pattern.exec(this.stdout);
      if (match) return match;
      const ended = await Promise.race([once(this.child.stdout!, 'data'), this.ended]);
      if (!Array.isArray(ended)) throw new Error(`the server ended: ${this.stdout}${this.stderr}`);
    }
  }

  post(path: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
    return fetch(this.url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
  }

  /** What `work` costs the server in CPU, with one reading of the metrics. */
  async cpuMilliseconds(work: () => Promise<unknown>): Promise<number> {
    const before = await this.cpuSeconds();
    await work();
    return ((await this.cpuSeconds()) - before) * 1000;
  }

  private async cpuSeconds(): Promise<number> {
    const reply = await fetch(`${this.url}/metrics`);
    return metric(await reply.text(), 'process_cpu_seconds_total');
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<Ended> {
    const started = performance.now();
    this.child.kill(signal);
    return { ...(await this.ended), seconds: (performance.now() - started) / 1000 };
  }
}

/** Runs `dist/main.js` in an empty environment; `overrides` may unset a setting by an empty text. */
export function spawnServer(
  overrides: Readonly<Record<string, string>> = {},
  {
    cwd = temporaryFolder(),
    settings = testSettings({ LOG_LEVEL: 'info' }),
    nodeOptions = [] as readonly string[],
    main = MAIN,
  } = {},
): Server {
  const environment = { PATH: process.env['PATH'], HOME: temporaryFolder(), ...settings, ...overrides };
  const child = spawn(process.execPath, [...nodeOptions, main], {
    cwd,
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const server = new Server(child, { ...settings, ...overrides });
  atEnd(async () => {
    if (child.exitCode === null && child.signalCode === null) await server.stop('SIGKILL');
  });
  return server;
}

/** As `spawnServer`, and waits until it listens. The log level must be `info` or lower for that. */
export async function startServer(...parameters: Parameters<typeof spawnServer>): Promise<Server> {
  const server = spawnServer(...parameters);
  const [, port] = await server.untilStdout(
    /"listening".*?"url":"http:\/\/[^"]+?:(\d+)"|listening url=\S+?:(\d+)\b/,
  );
  server.url = `http://127.0.0.1:${port}`;
  return server;
}
