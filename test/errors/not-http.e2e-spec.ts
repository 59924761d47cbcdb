import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as nextTurn } from 'node:timers/promises';
import { vi } from 'vitest';
import { createTestApp } from '../support/create-app.js';
import { metric } from '../support/metrics.js';
import { problem } from '../support/shapes.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const app = await createTestApp({ LOG_DIR: temporaryFolder(), LOG_LEVEL: 'error' });
await app.app.listen(0, '127.0.0.1');
const { port } = app.app.getHttpServer().address() as { port: number };

/** Sends bytes as they are. @returns all that comes back until the server hangs up. */
async function exchange(bytes: string): Promise<string> {
  const socket = connect(port, '127.0.0.1').setEncoding('utf8');
  let answer = '';
  socket.on('data', (text: string) => (answer += text));
  socket.write(bytes);
  await once(socket, 'close');
  return answer;
}

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
    expect(app.applicationLog()).toEqual([]);
  });
});

describe('what is not HTTP', () => {
  it.each([
    ['no request line', 'hello\r\n\r\n', 400],
    ['a bad header', 'GET / HTTP/1.1\r\nhost x\r\n\r\n', 400],
    [
      'two lengths',
      'POST /predict HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n',
      400,
    ],
    ['a URL too long', `GET /?query=${'x'.repeat(20_000)} HTTP/1.1\r\nhost: x\r\n\r\n`, 414],
    ['a URL without an end', `GET /${'x'.repeat(20_000)}`, 414],
    ['headers too large', `GET / HTTP/1.1\r\nhost: x\r\nx: ${'x'.repeat(20_000)}\r\n\r\n`, 400],
  ])('is answered by a problem: %s', async (_, bytes, status) => {
    const [head, body] = (await exchange(bytes)).split('\r\n\r\n') as [string, string];

    expect(head).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(head).toMatch(/^content-type: application\/problem\+json/im);
    const { code } = JSON.parse(body) as { code: string };
    expect(JSON.parse(body)).toEqual(problem(code, status));
  });

  it('does not stop the next request', async () => {
    await exchange('hello\r\n\r\n');

    expect((await fetch(`http://127.0.0.1:${port}/health/live`)).status).toBe(200);
  });
});
