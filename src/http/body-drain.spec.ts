import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { atEnd } from '../../test/support/clean-up.js';
import { BodyDrain } from './body-drain.js';

let ended = 0;
/** Turns are never had here: what needs one waits for ever. */
const drain = new BodyDrain();
const server = createServer((body, response) => {
  body.on('end', () => ended++);
  drain.add(body, response);
  response.writeHead(503).end();
});

beforeAll(async () => {
  vi.useFakeTimers({ toFake: ['setInterval'] });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  atEnd(() => {
    vi.useRealTimers();
    server.closeAllConnections();
    server.close();
  });
});

/** Sends `bytes`, and waits for the refusal: its status, and what it says of the connection. */
function send(bytes: number, connection: string): Promise<[number | undefined, string | undefined]> {
  const { port } = server.address() as AddressInfo;
  const headers = { 'content-length': bytes, connection };
  return new Promise((resolve, reject) => {
    const sent = request({ port, method: 'POST', headers, agent: false }, (response) => {
      response.resume();
      response.on('end', () => resolve([response.statusCode, response.headers.connection]));
    });
    sent.on('error', reject);
    sent.end(Buffer.alloc(bytes, ' '));
  });
}

it.each(['keep-alive', 'close'])(
  'lets hundreds of small bodies through at once, and says of the connection what becomes of it (%s)',
  async (connection) => {
    ended = 0;
    const replies = await Promise.all(Array.from({ length: 200 }, () => send(20_000, connection)));
    expect(replies).toEqual(Array.from({ length: 200 }, () => [503, connection]));
    await vi.waitFor(() => expect(ended).toBe(200));
  },
);

it('has large ones wait for their turn', async () => {
  ended = 0;
  const replies = await Promise.all(Array.from({ length: 8 }, () => send(1_000_000, 'keep-alive')));
  expect(replies).toEqual(Array.from({ length: 8 }, () => [503, 'keep-alive']));
  expect(ended).toBe(0);
  await vi.waitFor(async () => {
    await vi.advanceTimersByTimeAsync(5);
    expect(ended).toBe(8);
  });
});
