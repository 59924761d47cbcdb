import { once } from 'node:events';
import { connect } from 'node:net';
import { createTestApp } from '../support/create-app.js';
import { problem } from '../support/shapes.js';

const app = await createTestApp();
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

describe('what is not HTTP', () => {
  it.each([
    ['no request line', 'hello\r\n\r\n', 400],
    ['a bad header', 'GET / HTTP/1.1\r\nhost x\r\n\r\n', 400],
    [
      'two lengths',
      'POST /predict HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n',
      400,
    ],
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
