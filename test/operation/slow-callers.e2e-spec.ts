import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { createTestApp } from '../support/create-app.js';

const app = await createTestApp({ LOG_LEVEL: 'warn' });
await app.app.listen(0, '127.0.0.1');
const server = app.app.getHttpServer();
const { port } = server.address() as { port: number };

/** Sends the head of a call with a body of so many bytes, and then a byte every now and then. */
function trickle(bytes: number): { socket: Socket; answer: Promise<string> } {
  const socket = connect(port, '127.0.0.1').setEncoding('utf8');
  socket.write(`POST /v1/models/turnover:predict HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n`);
  socket.write(`content-length: ${bytes}\r\n\r\n`);
  const drip = setInterval(() => socket.write(' '), 100);
  socket.once('close', () => clearInterval(drip));
  socket.on('error', () => undefined);
  return { socket, answer: once(socket, 'data').then(([text]) => text as string) };
}

describe('a body that comes slowly', () => {
  it('has twenty seconds where it is small, and is watched for its pace where it is large', async () => {
    expect(server.headersTimeout).toBe(10_000);
    expect(server.requestTimeout).toBe(20_000);
    Object.assign(server, { headersTimeout: 200, requestTimeout: 400 });
    const large = trickle(100_000);
    const small = trickle(1_000);
    let isLargeEnded = false;
    large.socket.once('close', () => (isLargeEnded = true));

    expect(await small.answer).toMatch(/^HTTP\/1\.1 408 [\s\S]*"code":"request_timeout"/);
    // Node has looked at both.
    const late = trickle(1_000);
    expect(await late.answer).toMatch(/^HTTP\/1\.1 408 /);
    expect(isLargeEnded).toBe(false);

    large.socket.destroy();
    Object.assign(server, { headersTimeout: 10_000, requestTimeout: 20_000 });
  });
});

describe('connections', () => {
  it('are bounded', () => {
    expect(server.maxConnections).toBeGreaterThanOrEqual(64);
  });
});
