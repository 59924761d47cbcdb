import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { Agent, type IncomingHttpHeaders, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { FastifyInstance, RouteOptions } from 'fastify';
import { newKey } from '../../src/access/api-key.js';
import { SCOPES } from '../../src/access/scope.js';
import { atEnd } from '../support/clean-up.js';
import { Connection } from '../support/connection.js';
import { createTestApp } from '../support/create-app.js';
import { problem } from '../support/shapes.js';
import { temporaryFolder } from '../support/temporary-folder.js';

type Port = 'public' | 'management';
interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];
const KEYS = { all: newKey(), predict: newKey(), metrics: newKey(), admin: newKey() };

function keysFile(): string {
  const path = join(temporaryFolder(), 'keys.json');
  const keys = Object.entries(KEYS).map(([name, { id, sha256 }]) => ({
    id,
    name,
    sha256,
    scopes: name === 'all' ? SCOPES : [name],
  }));
  writeFileSync(path, JSON.stringify({ keys }), { mode: 0o600 });
  return path;
}

/** Every route that the application has, however it came to be. */
const routes: RouteOptions[] = [];
const collect = (message: unknown): void => {
  const { fastify } = message as { fastify: FastifyInstance };
  fastify.addHook('onRoute', (route) => void routes.push(route));
};
subscribe('fastify.initialization', collect);
const { app, ...test } = await createTestApp({
  MANAGEMENT_PORT: '0',
  AUTH: 'required',
  API_KEYS_FILE: keysFile(),
});
unsubscribe('fastify.initialization', collect);
const server = app.getHttpAdapter().getInstance();
await app.listen(0, '127.0.0.1');
await once(server.management!.listen(0, '127.0.0.1'), 'listening');
const portOf = (port: Port): number =>
  ((port === 'public' ? server.server : server.management!).address() as AddressInfo).port;

const agent = new Agent({ keepAlive: true, maxSockets: 8 });
atEnd(() => agent.destroy());

/** Sends a path as it is written; nothing of it is put in order on the way. */
async function ask(
  port: Port,
  method: string,
  path: string,
  headers: Record<string, string> = { 'x-api-key': KEYS.all.key },
): Promise<Reply> {
  const call = request({ host: '127.0.0.1', port: portOf(port), method, path, headers, agent }).end();
  const [reply] = (await once(call, 'response')) as [import('node:http').IncomingMessage];
  return { status: reply.statusCode!, headers: reply.headers, text: await text(reply) };
}

/** What is the same in all replies to calls of one kind. */
function comparable({ status, headers, text: body }: Reply): object {
  const { 'x-request-id': id = '', date: _date, ...others } = headers;
  return { status, others, body: body.replaceAll(String(id), '') };
}

const absent = new Map<string, Promise<object>>();
/** How a path is answered that there is not. */
function nowhere(port: Port, method: string, headers?: Record<string, string>): Promise<object> {
  const key = JSON.stringify([port, method, headers]);
  if (!absent.has(key)) absent.set(key, ask(port, method, '/nowhere/at/all', headers).then(comparable));
  return absent.get(key)!;
}

const pathOf = ({ url }: RouteOptions): string =>
  url
    .replaceAll(/:\w+\(\^[^)]*\)|(?<![/:]):\w+|(?<=\/):\w+/g, 'nobody')
    .replaceAll('::', ':')
    .replace('*', 'nobody');
/** Where a route has to be answered, by what the operator is told. */
function portsOf(route: RouteOptions): Port[] {
  const { scope, kind } = route.config!;
  // A text is judged by POST / as well; the index is not.
  if (route.url === '/' && route.method === 'POST') return ['public'];
  if (route.url === '/' || route.url === '/favicon.svg' || route.url.startsWith('//')) return BOTH;
  if (route.config!.neverAllowed) return [route.url.includes('/train') ? 'management' : 'public'];
  if (scope === 'predict' && kind === undefined && /^\/models\b/.test(route.url)) return BOTH;
  return [scope === 'predict' || scope === 'feedback' ? 'public' : 'management'];
}
const BOTH: Port[] = ['public', 'management'];
const table = routes.flatMap((route) =>
  [route.method].flat().map((method) => ({ method, path: pathOf(route), ports: portsOf(route) })),
);
/** Where a path has any method. */
const portsOfPath = new Map<string, Set<Port>>();
for (const { path, ports } of table)
  portsOfPath.set(path, new Set([...(portsOfPath.get(path) ?? []), ...ports]));
const hidden = [...portsOfPath].filter(([, ports]) => ports.size === 1);
const otherThan = (ports: Iterable<Port>): Port => ([...ports][0] === 'public' ? 'management' : 'public');

/** Other ways to write a path that a server could take for it. */
const spellings = (path: string): string[] => [
  path,
  `${path}?x=1`,
  `${path}?`,
  `${path}#x`,
  `${path}/`,
  `${path}//`,
  `/${path}`,
  `/.${path}`,
  `/nowhere/..${path}`,
  `/models/..${path}`,
  `${path};x=1`,
  `${path}%00`,
  `${path}%20`,
  `${path}.json`,
  path.toUpperCase(),
  path.replace(/[a-z]/, (letter) => `%${letter.charCodeAt(0).toString(16)}`),
  path.replaceAll(/[a-z]/g, (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`),
  path.replaceAll('/', '%2f'),
  path.replaceAll('/', '\\'),
  `http://127.0.0.1:${portOf('management')}${path}`,
  `http://nestor${path}`,
];

describe('MANAGEMENT_PORT', () => {
  it('has each route answered where it belongs', async () => {
    expect(table.length).toBeGreaterThan(100);
    const wrong = await Promise.all(
      table.flatMap(({ method, path, ports }) =>
        ports.map(async (port) => {
          const { status, text: body } = await ask(port, method, path);
          // Of the files of Swagger UI not each is there.
          const isAbsent = status === 404 && body.includes('"route_not_found"') && !path.startsWith('/docs/');
          return status >= 500 || isAbsent ? `${port} ${method} ${path} ${status}` : '';
        }),
      ),
    );
    expect(wrong.filter(Boolean)).toEqual([]);
  });

  it.each([
    ['with a key for all', { 'x-api-key': KEYS.all.key }],
    ['with none', {}],
    ['with one that is not known', { authorization: 'Bearer nst_x' }],
    ['for a page', { origin: 'https://page.example', accept: 'text/html' }],
    ['asked to continue', { expect: '100-continue', 'content-length': '5' }],
  ])('has it look at the other like a path that there is not, %s', async (_how, headers) => {
    const given = headers as Record<string, string>;
    for (const { method, path, ports } of table.filter((each) => each.ports.length === 1)) {
      const port = otherThan(ports);
      const reply = comparable(await ask(port, method, path, given));
      expect(reply, `${port} ${method} ${path}`).toEqual(await nowhere(port, method, given));
    }
  });

  it('does not tell by any method, nor to a preflight, that a path is answered at the other', async () => {
    expect(hidden.length).toBeGreaterThan(60);
    for (const [path, ports] of hidden) {
      const port = otherThan(ports);
      for (const method of METHODS)
        expect(comparable(await ask(port, method, path)), `${port} ${method} ${path}`).toEqual(
          await nowhere(port, method),
        );
      for (const method of METHODS) {
        const asked = { origin: 'https://page.example', 'access-control-request-method': method };
        expect(comparable(await ask(port, 'OPTIONS', path, asked)), `${method} ${path}`).toEqual(
          await nowhere(port, 'OPTIONS', asked),
        );
      }
    }
  });

  it('does not tell what else a path answers that is answered at both', async () => {
    const path = '/models/iris/versions/1';

    expect((await ask('public', 'GET', path)).status).toBe(200);
    for (const method of ['DELETE', 'PUT', 'OPTIONS'])
      expect(comparable(await ask('public', method, path))).toEqual(await nowhere('public', method));
    expect(await ask('management', 'PUT', path)).toMatchObject({
      status: 405,
      headers: { allow: 'GET, HEAD, DELETE' },
    });
    expect(await ask('public', 'POST', '/models')).toMatchObject({ status: 405 });
  });

  it('keeps what is of management from the public port however its path is written', async () => {
    // A HEAD is routed as its GET.
    const ofManagement = table.filter(
      ({ method, ports }) => method !== 'HEAD' && ports.join() === 'management',
    );
    const answered = await Promise.all(
      ofManagement.flatMap(({ method, path }) =>
        spellings(path).map(async (spelling) => {
          const { status, text: body } = await ask('public', method, spelling);
          const isAbsent = /"route_not_found"|"bad_request"/.test(body);
          // Every such path is sent on without its second slash, whether there is anything or not.
          return isAbsent || spelling.startsWith('//v2/') ? '' : `${method} ${spelling} ${status}`;
        }),
      ),
    );
    expect(answered.filter(Boolean)).toEqual([]);
  });

  it('leaves no dead link on the index of either port', async () => {
    const headers = { accept: 'text/html', 'x-api-key': KEYS.all.key };
    for (const port of BOTH) {
      const page = (await ask(port, 'GET', '/', headers)).text;
      const links = [...page.matchAll(/(?:href|src)="([^"#]+)/g)].map(
        ([, link]) => new URL(link!, 'http://x/').pathname,
      );
      for (const path of new Set(links)) expect((await ask(port, 'GET', path)).status, path).toBe(200);
      expect(page.includes('curl &#39;') || page.includes("curl '")).toBe(port === 'public');
    }
    const index = JSON.parse((await ask('public', 'GET', '/')).text) as { paths: object };
    expect(index.paths).toEqual({ models: './models' });
  });

  it('has a listener that treats connections as the other does', async () => {
    const connect = (): Promise<Connection> => Connection.open(portOf('management'));
    const [garbage, tunnel, expecting, continuing, old] = await Promise.all(
      Array.from({ length: 5 }, connect),
    );

    expect(JSON.parse((await garbage!.call('nothing\r\n\r\n')).body)).toEqual(problem('bad_request', 400));
    expect(await tunnel!.call('CONNECT x:1 HTTP/1.1\r\nhost: x\r\n\r\n')).toMatchObject({
      status: 400,
      body: expect.stringContaining('no proxy') as string,
    });
    expect(await expecting!.call('GET /health HTTP/1.1\r\nhost: x\r\nexpect: x\r\n\r\n')).toMatchObject({
      status: 417,
    });
    continuing!.socket.write(
      `POST /runners/claim HTTP/1.1\r\nhost: x\r\nx-api-key: ${KEYS.predict.key}\r\ncontent-type: application/json\r\ncontent-length: 5\r\nexpect: 100-continue\r\n\r\n`,
    );
    expect(await continuing!.reply()).toMatchObject({ status: 403, headers: { connection: 'close' } });
    expect(await old!.call('GET /health HTTP/1.1\r\n\r\n')).toMatchObject({ status: 400 });
    expect(server.management).toMatchObject({
      headersTimeout: server.server.headersTimeout,
      requestTimeout: server.server.requestTimeout,
      keepAliveTimeout: server.server.keepAliveTimeout,
      timeout: server.server.timeout,
    });
    expect(server.management!.maxConnections).toBeGreaterThan(15);
  });
});

describe('health, where callers need keys', () => {
  const path = ['/health', '/health/ready', '/health/started', '/health/live'];
  const bare = { status: 'ok', info: {}, error: {}, details: {} };

  it.each(path)(
    '%s says its status alone to strangers, and to keys that are for something else',
    async (url) => {
      for (const headers of [
        {},
        { 'x-api-key': KEYS.predict.key },
        { 'x-api-key': 'nst_x' },
        { authorization: 'Basic eA==' },
      ] as Record<string, string>[])
        expect(await ask('management', 'GET', url, headers)).toMatchObject({
          status: 200,
          text: JSON.stringify(bare),
        });
    },
  );

  it.each([KEYS.metrics, KEYS.admin])('says all to keys of scope metrics and admin', async ({ key }) => {
    const { text: body } = await ask('management', 'GET', '/health', { authorization: `Bearer ${key}` });

    expect(JSON.parse(body)).toMatchObject({ details: { models: { status: 'up', unready: [] } } });
  });

  it('is as quiet when something is wrong', async () => {
    const folder = temporaryFolder();
    const empty = await createTestApp({
      ARTIFACTS_DIR: folder,
      AUTH: 'required',
      API_KEYS_FILE: test.settings['API_KEYS_FILE']!,
    });

    expect(await empty.get('/health')).toMatchObject({ status: 503, body: { ...bare, status: 'error' } });
    expect(await empty.get('/health', { 'x-api-key': KEYS.metrics.key })).toMatchObject({
      status: 503,
      body: { error: { models: { status: 'down' } } },
    });
  });
});
