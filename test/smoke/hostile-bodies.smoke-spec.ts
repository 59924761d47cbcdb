import { cpSync, readFileSync } from 'node:fs';
import { Agent, type IncomingMessage, request } from 'node:http';
import { setTimeout as after } from 'node:timers/promises';
import { cpuBound } from '../support/cpu-bound.js';
import { HOSTILE_BODIES, type HostileBody } from '../support/hostile-bodies.js';
import { ARTIFACTS } from '../support/artifacts.js';
import { type Server, startServer } from '../support/server.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { TURNOVER_ROW } from '../support/turnover-row.js';

const MEBIBYTE = 1_048_576;
/** `HOSTILE_MIB=16` for bodies as large as they may be. */
const BYTES = Number(process.env['HOSTILE_MIB'] ?? 1) * MEBIBYTE - 1_024;
/** Of a container of 512 MB, whose heap Node bounds by half of it. */
const RSS_BYTES = 450e6;
/** The doors that take large bodies. */
const TAKE_MANY = ['/v1/models/turnover:predict', '/sentiment'];

interface Reply {
  readonly status: number;
  readonly type: string;
  readonly code: unknown;
}

// Who asks for the end of the connection may lose the answer to a body that is still on its way.
const agent = new Agent({ keepAlive: true });
let server: Server;
const lives: number[] = [];
const over = new AbortController();
let living: Promise<void>;

beforeAll(async () => {
  // Some routes change models.
  const models = temporaryFolder();
  cpSync(ARTIFACTS, models, { recursive: true });
  server = await startServer({ ARTIFACTS_DIR: models, NODE_OPTIONS: '--max-old-space-size=256' });
  living = (async () => {
    for (; !over.signal.aborted; await after(20)) {
      lives.push((await fetch(`${server.url}/health/live`)).status);
    }
  })();
});
afterAll(() => agent.destroy());

function send(
  method: string,
  path: string,
  body: string | Buffer,
  { type, headers }: HostileBody,
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const sent = request(server.url + path, {
      method,
      agent,
      headers: {
        'content-type': type ?? 'application/json',
        'content-length': Buffer.byteLength(body),
        ...headers,
      },
    });
    sent.once('error', (cause) => reject(new Error(`${method} ${path}: ${cause.message}`, { cause })));
    sent.once('response', (response: IncomingMessage) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => (text += part));
      response.once('end', () => {
        const contentType = String(response.headers['content-type']);
        const { code } = /json/.test(contentType) ? (JSON.parse(text) as { code?: unknown }) : {};
        resolve({ status: response.statusCode!, type: contentType, code });
      });
    });
    sent.end(body);
  });
}

/** Every route of the documentation, and some that there are not. */
async function routes(): Promise<[string, string][]> {
  const reply = await fetch(`${server.url}/openapi.json`);
  const { paths } = (await reply.json()) as { paths: Record<string, object> };
  const values: Readonly<Record<string, string>> = { model: 'turnover', version: '1' };
  const documented = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method): [string, string] => [
      method.toUpperCase(),
      path.replaceAll(/\{(\w+)\}/g, (_, name: string) => values[name] ?? 'nobody'),
    ]),
  );
  const unknown = [
    '/nowhere',
    '/models/nobody/predict',
    '/models/iris/versions/99/predict',
    '/v1/models/nobody:predict',
  ];
  return [...documented, ...unknown.map((path): [string, string] => ['POST', path])];
}

const isRefusal = ({ status, type, code }: Reply): boolean =>
  status >= 400 && (status < 500 || code === 'overloaded') && type.startsWith('application/problem+json');

/** Milliseconds of all threads of the server, in steps of 10; by the kernel, because asking the server costs more. */
function cpu(): number {
  const fields = readFileSync(`/proc/${server.pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
  return 10 * (Number(fields[11]) + Number(fields[12]));
}

describe.runIf(process.platform === 'linux')('a hostile body', () => {
  it('is refused on every route within the CPU of its bytes, and where several come at once', async () => {
    const all = await routes();
    const odd: string[] = [];
    for (const body of HOSTILE_BODIES) {
      const bytes = body.make(BYTES);
      const bound = cpuBound(Buffer.byteLength(bytes));
      for (const [method, path] of all) {
        const before = cpu();
        const reply = await send(method, path, bytes, body);
        const used = cpu() - before;
        if (isRefusal(reply) && used < bound) continue;
        odd.push(`${body.name} at ${method} ${path}: ${reply.status} ${reply.type} ${used} ms`);
      }
      for (const path of TAKE_MANY) {
        const replies = await Promise.all(Array.from({ length: 4 }, () => send('POST', path, bytes, body)));
        if (!replies.every(isRefusal))
          odd.push(`four times ${body.name} at ${path}: ${JSON.stringify(replies)}`);
      }
    }

    expect(all.length).toBeGreaterThan(40);
    expect(odd).toEqual([]);
  }, 1_800_000);

  it('keeps nobody from being answered, and takes no more memory than a small container has', async () => {
    over.abort();
    await living;

    expect(lives.length).toBeGreaterThan(10);
    expect(new Set(lives)).toEqual(new Set([200]));
    expect((await server.post('/predict', TURNOVER_ROW)).status).toBe(200);
    const peak = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${server.pid}/status`, 'utf8'))![1];
    expect(Number(peak) * 1024).toBeLessThan(RSS_BYTES);
  });
});
