import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as nextTurn } from 'node:timers/promises';
import { vi } from 'vitest';
import { jsonRequest } from '../support/connection.js';
import { createTestApp } from '../support/create-app.js';
import { metric } from '../support/metrics.js';
import { problem } from '../support/shapes.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { TURNOVER_ROW } from '../support/turnover-row.js';

const app = await createTestApp({ LOG_DIR: temporaryFolder(), LOG_LEVEL: 'http' });
await app.app.listen(0, '127.0.0.1');
const { port } = app.app.getHttpServer().address() as { port: number };

/** Sends bytes as they are, each piece by itself. @returns all that comes back until the server hangs up. */
async function exchange(...pieces: readonly string[]): Promise<string> {
  const socket = connect({ port, noDelay: true }).setEncoding('utf8');
  let answer = '';
  socket.on('data', (text: string) => (answer += text));
  const closed = once(socket, 'close');
  for (const piece of pieces) {
    await new Promise((resolve) => socket.write(piece, 'latin1', resolve));
    if (pieces.length > 1) await nextTurn(20);
  }
  await closed;
  return answer;
}

/** How many requests have had this status. */
async function counted(status: number): Promise<number> {
  const lines = (await app.get('/metrics')).text
    .split('\n')
    .filter((line) => line.startsWith('http_server_request_duration_seconds_count{'))
    .filter((line) => line.includes(`status="${status}"`));
  return lines.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
}

/** The one reply in `answer`. */
function replyIn(answer: string): { status: number; id: string; body: unknown } {
  const [head, body] = answer.split('\r\n\r\n') as [string, string];
  expect(head).toMatch(/^content-type: application\/problem\+json/im);
  return {
    status: Number(/^HTTP\/1\.1 (\d+) \w/.exec(head)?.[1]),
    id: /^x-request-id: (.*)$/im.exec(head)?.[1] ?? '',
    body: JSON.parse(body) as unknown,
  };
}

const AS_IS = 'GET / HTTP/1.1\r\nhost: x\r\n';
const LONG = 'x'.repeat(20_000);
const QUERY = '%20x'.repeat(5_000);

/** Sends bytes and hangs up. */
async function hangUp(bytes: string): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  socket.write(bytes);
  await nextTurn(20);
  socket.destroy();
  await once(socket, 'close');
}

describe('a caller that hangs up before the body is whole', () => {
  it.each(['POST /predict', 'GET /'])('is no failure of the server: %s', async (line) => {
    const [method, route] = line.split(' ') as [string, string];
    const head = `${line} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n`;
    await hangUp(`${head}content-length: 100\r\n\r\n{"a":`);
    await hangUp(`${head}transfer-encoding: chunked\r\n\r\n5\r\n{"a":\r\nbroken\r\n`);

    await vi.waitFor(async () => {
      const { text } = await app.get('/metrics');
      const count = (status: string): number =>
        metric(text, 'http_server_request_duration_seconds_count', { method, route, status });
      expect(count('499')).toBe(1);
      // Somebody who breaks HTTP is there to hear of it.
      expect(count('400')).toBe(1);
      expect(text).not.toContain('status="500"');
    });
    expect(app.applicationLog().filter(({ level }) => level === 'error')).toEqual([]);
  });
});

describe('what is not HTTP', () => {
  it.each([
    ['no request line', ['hello\r\n\r\n'], 'bad_request'],
    ['a bad header', ['GET / HTTP/1.1\r\nhost x\r\n\r\n'], 'bad_request'],
    ['two lengths', [`${AS_IS}content-length: 1\r\ncontent-length: 2\r\n\r\n`], 'bad_request'],
    ['an unknown method', [AS_IS.replace('GET', 'FETCH'), '\r\n'], 'bad_request'],
    ['the begin of TLS', ['\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'], 'bad_request'],
    ['a URL too long', [`GET /?query=${LONG} HTTP/1.1\r\nhost: x\r\n\r\n`], 'uri_too_long'],
    ['a URL in pieces', [`GET /?query=${QUERY.slice(0, 12_000)}`, QUERY, QUERY, '\r\n'], 'uri_too_long'],
    ['a URL without an end', [`GET /${LONG}`], 'uri_too_long'],
    ['a URL of a megabyte', [`GET /${'x'.repeat(1_000_000)} HTTP/1.1\r\nhost: x\r\n\r\n`], 'uri_too_long'],
    ['a header too large', [`${AS_IS}x: ${LONG}\r\n\r\n`], 'headers_too_large'],
    [
      'a header in pieces',
      [`${AS_IS}x: ${LONG.slice(0, 12_000)}`, LONG, LONG, '\r\n\r\n'],
      'headers_too_large',
    ],
    ['a cookie in pieces', [`${AS_IS}cookie: a`, `a=${QUERY}; b=%20;`, '\r\n'], 'headers_too_large'],
    ['a name of a header', [`${AS_IS}${LONG}: x\r\n\r\n`], 'headers_too_large'],
    ['headers of a megabyte', [`${AS_IS}${`x: ${LONG}\r\n`.repeat(50)}\r\n`], 'headers_too_large'],
    ['too many headers', [`${AS_IS}${'a:1\r\n'.repeat(1_500)}\r\n`], 'headers_too_large'],
    ['HTTP/2', ['PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', '\0\0\0\x04\0\0\0\0\0'], 'http_version_not_supported'],
    ['HTTP/2 as if it were 1', ['GET / HTTP/2.0\r\nhost: x\r\n\r\n'], 'http_version_not_supported'],
    ['HTTP/3', ['GET / HTTP/3.0\r\nhost: x\r\n\r\n'], 'http_version_not_supported'],
    ['HTTP/1.2', ['GET / HTTP/1.2\r\nhost: x\r\n\r\n'], 'http_version_not_supported'],
    ['HTTP/0.9', ['GET /\r\n\r\n'], 'http_version_not_supported'],
    ['a tunnel', ['CONNECT x:443 HTTP/1.1\r\nhost: x\r\n\r\n'], 'bad_request'],
  ] as const)('is answered by a problem, counted and logged under its id: %s', async (_, pieces, code) => {
    const statuses = { http_version_not_supported: 505, headers_too_large: 431, uri_too_long: 414 };
    const status = code === 'bad_request' ? 400 : statuses[code];
    const before = await counted(status);

    const { id, ...reply } = replyIn(await exchange(...pieces));

    expect(reply).toEqual({ status, body: { ...problem(code, status), request_id: id } });
    expect(await counted(status)).toBe(before + 1);
    await vi.waitFor(() =>
      expect(app.applicationLog()).toContainEqual(expect.objectContaining({ request_id: id, status })),
    );
  });

  it('is answered behind the replies to the requests before it', async () => {
    const call = jsonRequest('/models/turnover/predict', TURNOVER_ROW);
    const answer = await exchange(`${call}${call}GET /${LONG}`);

    expect(answer.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 200', 'HTTP/1.1 414']);
  });

  it.each([
    ['a broken chunk', ['transfer-encoding: chunked\r\n\r\nzz\r\n'], 400],
    ['a chunk that breaks later', ['transfer-encoding: chunked\r\n\r\n5\r\n{"ins', 'zz\r\n'], 400],
    ['a coding without an end', ['transfer-encoding: gzip\r\n\r\nzz'], 415],
    ['a body that was asked for', ['expect: 100-continue\r\ncontent-length: 99999999\r\n\r\n'], 413],
  ] as const)('ends the connection where nobody knows what comes next: %s', async (_, pieces, status) => {
    const head = 'POST /models/turnover/predict HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n';
    const [first, ...rest] = pieces;
    const answer = await exchange(head + first, ...rest);

    expect(replyIn(answer).status).toBe(status);
    expect(answer).toMatch(/^connection: close\r$/im);
  });

  it('keeps the id of a caller that asks for a tunnel', async () => {
    const answer = await exchange('CONNECT x:443 HTTP/1.1\r\nhost: x\r\nx-request-id: mine\r\n\r\n');

    expect(replyIn(answer).id).toBe('mine');
  });

  it('ends the connection of a caller that leaves it open', async () => {
    const accepted = once(app.app.getHttpServer(), 'connection') as Promise<[Socket]>;
    const caller = connect({ port, allowHalfOpen: true });
    caller.resume().write('hello\r\n\r\n');
    const [socket] = await accepted;
    await once(socket, 'close');

    caller.destroy();
  });

  it.each(['hello\r\n\r\n', 'CONNECT x:443 HTTP/1.1\r\nhost: x\r\n\r\n'])(
    'does not end the server where the caller is gone at once: %j',
    async (bytes) => {
      const before = await counted(400);
      for (let call = 0; call < 50; call++) {
        const socket = connect(port);
        await once(socket, 'connect');
        socket.write(bytes, () => socket.resetAndDestroy());
        await once(socket, 'close');
      }
      await vi.waitFor(async () => expect(await counted(400)).toBeGreaterThan(before));

      expect((await fetch(`http://127.0.0.1:${port}/health/live`)).status).toBe(200);
    },
  );

  it('tells nobody to continue who speaks HTTP/1.0, which knows no such reply', async () => {
    const call = jsonRequest('/models/turnover/predict', TURNOVER_ROW);
    const answer = await exchange(call.replace('1.1\r\n', '1.0\r\nexpect: 100-continue\r\n'));

    expect(answer.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 200']);
  });

  it('does not stop the next request', async () => {
    await exchange('hello\r\n\r\n');

    expect((await fetch(`http://127.0.0.1:${port}/health/live`)).status).toBe(200);
  });
});
