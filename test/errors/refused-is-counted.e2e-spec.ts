import { once } from 'node:events';
import { connect } from 'node:net';
import { vi } from 'vitest';
import { createTestApp } from '../support/create-app.js';
import { problem } from '../support/shapes.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const app = await createTestApp({ LOG_DIR: temporaryFolder(), LOG_LEVEL: 'http', CORS_ORIGINS: '*' });
await app.app.listen(0, '127.0.0.1');
const server = app.app.getHttpServer();
const { port } = server.address() as { port: number };

/** Sends bytes as they are. @returns what comes back until the server hangs up. */
async function exchange(bytes: string | Buffer, halfClose = false): Promise<{ head: string; body: string }> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true }).setEncoding('utf8');
  let answer = '';
  socket.on('data', (text: string) => (answer += text));
  socket.write(bytes);
  if (halfClose) socket.end();
  await once(socket, 'end');
  socket.end();
  const end = answer.indexOf('\r\n\r\n');
  return { head: answer.slice(0, end), body: answer.slice(end + 4) };
}

/** How many requests have been counted so; 0 where there is no such series. */
async function counted(method: string, route: string, status: number): Promise<number> {
  const { text } = await app.get('/metrics');
  const start = `http_server_request_duration_seconds_count{method="${method}",route="${route}",`;
  const line = text
    .split('\n')
    .find((each) => each.startsWith(start) && each.includes(`,status="${status}"}`));
  return Number(line?.split(' ').at(-1) ?? 0);
}

interface Case {
  readonly name: string;
  readonly bytes: string | Buffer;
  readonly status: number;
  readonly code: string;
  readonly detail?: RegExp;
  readonly method?: string;
  readonly route?: string;
  readonly halfClose?: boolean;
}

const POST = 'POST /predict HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\nconnection: close\r\n';
const GET = (path: string, headers = 'host: x\r\n'): string =>
  `GET ${path} HTTP/1.1\r\nconnection: close\r\n${headers}\r\n`;
const BAD = { status: 400, code: 'bad_request' };
const PREDICT = { method: 'POST', route: '/predict' };
const INDEX = { method: 'GET', route: '/' };

const CASES: Case[] = [
  { name: 'a bad request line', bytes: 'hello\r\n\r\n', ...BAD },
  { name: 'an unknown method', bytes: 'NOTHING / HTTP/1.1\r\nhost: x\r\n\r\n', ...BAD },
  { name: 'TLS on a plain port', bytes: Buffer.from('1603010200010001fc0303', 'hex'), ...BAD },
  {
    name: 'headers over 16 KiB',
    bytes: GET('/', `x: ${'x'.repeat(20_000)}\r\n`),
    ...BAD,
    status: 431,
    code: 'headers_too_large',
    detail: /16 KiB/,
  },
  { name: 'bytes in the URL', bytes: GET('/?query=café'), ...BAD, detail: /percent-encoded/ },
  { name: 'headers that end too early', bytes: 'GET / HTTP/1.1\r\nhost', ...BAD, halfClose: true },
  {
    name: 'a tunnel',
    bytes: 'CONNECT x:443 HTTP/1.1\r\nhost: x\r\n\r\n',
    ...BAD,
    method: 'CONNECT',
    detail: /no proxy/,
  },
  { name: 'a bad path', bytes: GET('/models/%zz'), ...BAD, method: 'GET', detail: /percent-encoded/ },
  { name: 'no Host', bytes: GET('/', ''), ...BAD, ...INDEX, detail: /one header Host; got none/ },
  { name: 'two Hosts', bytes: GET('/', 'host: a\r\nHost: b\r\n'), ...BAD, ...INDEX, detail: /got several/ },
  { name: 'a Host that is none', bytes: GET('/', 'host: a b\r\n'), ...BAD, ...INDEX, detail: /got "a b"/ },
  { name: 'lines without CR', bytes: 'GET / HTTP/1.1\nhost: x\n\n', ...BAD, detail: /CR and LF/ },
  { name: 'no slash', bytes: GET('nowhere'), ...BAD, detail: /begin with a slash/ },
  {
    name: 'two equal Hosts',
    bytes: GET('/', 'host: a\r\nhost: a\r\n'),
    ...BAD,
    ...INDEX,
    detail: /got several/,
  },
  {
    name: 'an unknown Expect',
    bytes: `${POST}expect: foo\r\ncontent-length: 2\r\n\r\n{}`,
    ...PREDICT,
    status: 417,
    code: 'expectation_failed',
  },
  ...['gzip, chunked', 'gzip', 'deflate, chunked', 'identity'].map((coding) => ({
    name: `Transfer-Encoding: ${coding}`,
    bytes: `${POST}transfer-encoding: ${coding}\r\n\r\n0\r\n\r\n`,
    ...PREDICT,
    status: 415,
    code: 'unsupported_media_type',
    detail: new RegExp(`Transfer-Encoding "${coding}"`),
  })),
  {
    name: 'two media types',
    bytes: `${POST}content-type: text/plain\r\ncontent-length: 2\r\n\r\n{}`,
    ...PREDICT,
    status: 415,
    code: 'unsupported_media_type',
    detail: /"application\/json, text\/plain"/,
  },
  { name: 'a broken chunk', bytes: `${POST}transfer-encoding: chunked\r\n\r\nx\r\n`, ...PREDICT, ...BAD },
  {
    name: 'a broken chunk in a GET',
    bytes: GET('/', 'host: x\r\ntransfer-encoding: chunked\r\n\r\n2\r\nab\r\nx'),
    ...INDEX,
    ...BAD,
  },
  {
    name: 'a body that ends too early',
    bytes: `${POST}content-length: 100\r\n\r\n{`,
    ...PREDICT,
    status: 499,
    code: 'client_gone',
    halfClose: true,
  },
  {
    name: 'OPTIONS that is no preflight',
    bytes: 'OPTIONS /predict HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n',
    method: 'OPTIONS',
    status: 405,
    code: 'method_not_allowed',
  },
  {
    name: 'a target that is no path',
    bytes: 'GET * HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n',
    method: 'GET',
    status: 404,
    code: 'route_not_found',
  },
  {
    name: 'OPTIONS of the server',
    bytes: 'OPTIONS * HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n',
    method: 'OPTIONS',
    status: 405,
    code: 'method_not_allowed',
  },
];

async function isTold({ bytes, status, code, detail = /./, halfClose, ...where }: Case): Promise<void> {
  const { method = '_OTHER', route = 'unmatched' } = where;
  const before = await counted(method, route, status);
  const { head, body } = await exchange(bytes, halfClose);
  const id = /^x-request-id: (.+)$/im.exec(head)?.[1];

  expect(head).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
  expect(head).toMatch(/^content-type: application\/problem\+json; charset=utf-8$/im);
  expect(JSON.parse(body)).toEqual(problem(code, status, { detail: expect.stringMatching(detail) }));
  expect(JSON.parse(body)).toMatchObject({ request_id: id });
  expect(await counted(method, route, status)).toBe(before + 1);
  await vi.waitFor(() => {
    const lines = app.applicationLog().filter(({ request_id }) => request_id === id);
    expect(lines).toMatchObject([{ message: 'request', method, route, status }]);
  });
}

describe('a refusal is a problem, counted by its status and logged under the id that the caller has', () => {
  it.each(CASES)('for $name', isTold);

  it('takes next to no time, whatever refused it', async () => {
    const uptime = performance.now() / 1000;
    const { text } = await app.get('/metrics');
    const sums = [...text.matchAll(/^http_server_request_duration_seconds_sum\{.*\} (.+)$/gm)].map(
      ([, sum]) => Number(sum),
    );

    expect(sums.length).toBeGreaterThan(3);
    expect(Math.max(...sums)).toBeLessThan(uptime);
  });
});

describe('a request that comes too slowly', () => {
  beforeAll(() => Object.assign(server, { requestTimeout: 300, headersTimeout: 300 }));
  const slow = { status: 408, code: 'request_timeout' };

  it.each<Case>([
    { name: 'headers', bytes: 'GET / HTTP/1.1\r\nho', ...slow },
    { name: 'a body', bytes: `${POST}content-length: 100\r\n\r\n{`, ...PREDICT, ...slow },
    { name: 'chunks', bytes: `${POST}transfer-encoding: chunked\r\n\r\n1\r\n{\r\n`, ...PREDICT, ...slow },
    { name: 'the body of a GET', bytes: GET('/', 'host: x\r\ncontent-length: 9\r\n'), ...INDEX, ...slow },
  ])('is told in the same way: $name', isTold);
});

describe('what is legal all the same', () => {
  it.each([
    ['HTTP/1.0 without Host', 'GET /health/live HTTP/1.0\r\n\r\n'],
    ['an empty Host', 'GET /health/live HTTP/1.1\r\nhost:\r\nconnection: close\r\n\r\n'],
    ['a URL with its host', 'GET http://a/health/live HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n'],
    [
      'Transfer-Encoding: Chunked',
      `${GET('/health/live', 'host: x\r\ntransfer-encoding: Chunked\r\n')}0\r\n\r\n`,
    ],
    ['Expect: 100-Continue', GET('/health/live', 'host: x\r\nexpect: 100-Continue\r\n')],
  ])('%s', async (_, bytes) => {
    expect((await exchange(bytes)).head).toMatch(/^HTTP\/1\.1 (200|100) /);
  });
});
