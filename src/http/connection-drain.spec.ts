import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { ConnectionDrain } from './connection-drain.js';

const REQUEST = 'GET / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n';

/** Connects, which the kernel does at once, and asks. @returns the first line of the reply. */
async function ask(port: number): Promise<string> {
  const socket = connect(port, '127.0.0.1').setEncoding('latin1');
  socket.write(REQUEST);
  const [reply] = (await once(socket, 'data')) as [string];
  socket.destroy();
  return reply.split('\r\n')[0]!;
}

/** As a machine does that has other things to do. */
function standStill(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

it('answers all who had connected when the process stood still at its end', async () => {
  const server = createServer((_request, response) => response.end());
  const drain = new ConnectionDrain(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;

  const ended = drain.begin();
  const replies = Array.from({ length: 40 }, () => ask(port));
  standStill(1_200);

  expect(await Promise.all(replies)).toEqual(Array.from({ length: 40 }, () => 'HTTP/1.1 200 OK'));
  await ended;
  await expect(ask(port)).rejects.toThrow('ECONNREFUSED');
});
