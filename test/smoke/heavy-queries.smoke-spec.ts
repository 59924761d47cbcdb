import { once } from 'node:events';
import { Agent, type IncomingMessage, request as httpRequest } from 'node:http';
import { text } from 'node:stream/consumers';
import { cpuBound } from '../support/cpu-bound.js';
import { type Server, startServer } from '../support/server.js';

const LIMIT = 16_384;
// Who asks for the end of the connection may lose the answer to a body that is still on its way.
const agent = new Agent({ keepAlive: true });
const FORM = 'application/x-www-form-urlencoded';
const JSON_TYPE = 'application/json';
const NEGATIVE = { status: 200, body: { prediction: 'Negative' } };
const REFUSED = { status: 400, body: { code: 'invalid_input' } };
const TOO_LARGE = { status: 413, body: { code: 'body_too_large' } };

let server: Server;
beforeAll(async () => {
  server = await startServer({ NODE_OPTIONS: '--max-old-space-size=256' });
});

/** Parts until there are `bytes`, and not one byte more. */
function filled(part: (index: number) => string, bytes: number): string {
  let all = '';
  for (let index = 0; all.length < bytes; index++) all += part(index);
  return all.slice(0, bytes);
}

const keys = (bytes: number): string => filled((index) => `k${index}=v&`, bytes);
const padded = (start: string, bytes: number): string => start + 'x'.repeat(bytes - start.length);
const padding = `query=that movie was+boring&padding=`;
const query = '{"query":"that movie was boring"}';

/** Sends headers and, after them, `body`; resolves with the answer though the body may not have left yet. */
async function send(
  method: string,
  path: string,
  headers: Record<string, string | number>,
  body = '',
): Promise<{ status: number | undefined; body: unknown }> {
  const request = httpRequest(server.url + path, { method, headers, agent });
  if (body === '' && headers['content-length']) request.flushHeaders();
  else request.end(body);
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  const answer = { status: response.statusCode, body: JSON.parse(await text(response)) as unknown };
  request.destroy();
  return answer;
}

describe('the body of a GET', () => {
  it.each<[string, string, string, { status: number; body: object }]>([
    ['3.9 MB of keys', FORM, keys(3_900_000), TOO_LARGE],
    ['17 MiB', FORM, padded(padding, 17 * 1_048_576), TOO_LARGE],
    ['17 MiB of JSON', JSON_TYPE, ' '.repeat(17 * 1_048_576), TOO_LARGE],
    ['a byte over the limit', FORM, padded(padding, LIMIT + 1), TOO_LARGE],
    ['the limit', FORM, padded(padding, LIMIT), NEGATIVE],
    ['a byte of JSON over the limit', JSON_TYPE, query.padEnd(LIMIT + 1), TOO_LARGE],
    ['the limit in JSON', JSON_TYPE, query.padEnd(LIMIT), NEGATIVE],
    ['keys alone', FORM, keys(LIMIT), TOO_LARGE],
    ['wrong bytes as keys', FORM, filled(() => '%ff&', LIMIT), TOO_LARGE],
    ['wrong bytes', FORM, filled(() => '%ff', LIMIT), REFUSED],
    ['a JSON text', JSON_TYPE, `"${filled(() => '1,', LIMIT - 2)}"`, REFUSED],
    ['a list', JSON_TYPE, `[${filled(() => '1,', LIMIT - 4)}1]`, REFUSED],
    ['names of the language', FORM, `__proto__=1&constructor=2&${padding}`, NEGATIVE],
    ['names of the language in JSON', JSON_TYPE, `{"__proto__":{"query":"x"}}`, REFUSED],
  ])('costs no more than its bytes: %s', async (_, type, body, expected) => {
    for (const length of [{ 'content-length': body.length }, { 'transfer-encoding': 'chunked' }]) {
      const cpu = await server.cpuMilliseconds(async () => {
        expect(await send('GET', '/', { 'content-type': type, ...length }, body)).toMatchObject(expected);
      });
      expect(cpu).toBeLessThan(cpuBound(body.length));
    }
  });

  it('is refused by its declared length, before a byte of it has come', async () => {
    const declared = { 'content-type': FORM, 'content-length': LIMIT + 1 };
    expect(await send('GET', '/', declared)).toMatchObject(TOO_LARGE);
  });
});

describe('a query string as long as Node lets it be', () => {
  const bytes = 15_900;
  const queries = [
    keys(bytes),
    ...['&', '=', '+', '%', '%41', '%ff', '%ff&', 'a=b&', 'a[]=&', '__proto__=1&', 'data=1&', 'query=1&'].map(
      (part) => filled(() => part, bytes),
    ),
    ...['1', '%41', '%', '%ff', '+'].flatMap((part) => [
      `query=${filled(() => part, bytes)}`,
      `data=1&data=1&data=1&data=${filled(() => part, bytes)}`,
    ]),
  ];

  it.each([
    'GET /',
    'GET /models',
    'GET /health/live',
    'GET /nowhere',
    'POST /v2/models/iris/predict/',
    'POST /models/iris/predict',
  ])('is answered in milliseconds, whatever it holds: %s', async (line) => {
    const [method, path] = line.split(' ') as [string, string];
    const cpu = await server.cpuMilliseconds(async () => {
      for (const each of queries) {
        const { status } = await send(method, `${path}?${each}`, {});
        expect(status).toBeLessThan(500);
      }
    });
    expect(cpu / queries.length).toBeLessThan(10);
  });
});
