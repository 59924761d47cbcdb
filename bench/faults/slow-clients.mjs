import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as after } from 'node:timers/promises';
import { BODY } from '../single.mjs';
import { Load, words } from '../load.mjs';
import { broken, ms, served } from './served.mjs';

const CONNECTIONS = 150;
const HEAD_MS = 10_000;
const BODY_MS = 20_000;
const WITHIN_MS = 2_000;
const DRIP_MS = 500;
const HEAD = 'POST /predict HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n';

/** Connections that send a byte now and then. */
export const slowClients = {
  what: `${CONNECTIONS} connections that send a byte of a head every half second, and ${CONNECTIONS} that do so with a body`,
  bound: 'each ended by 408, heads within 10 s + 2 s and bodies within 20 s + 2 s; other calls answered',
  async run({ folder, patience }) {
    const server = await served(folder);
    const load = new Load(server.port, { path: '/predict', body: BODY, callers: 2, pauseMs: 10 });
    const many = (begin, most) =>
      Promise.all(Array.from({ length: CONNECTIONS }, () => drip(server.port, begin, most)));
    const [heads, bodies] = await Promise.all([
      many(HEAD, HEAD_MS + patience * WITHIN_MS),
      many(`${HEAD}content-length: 1000\r\n\r\n`, BODY_MS + patience * WITHIN_MS),
    ]);
    await load.stop();
    await server.stop();
    const slowest = (found) => ms(Math.max(...found.map(({ took }) => took ?? Infinity)));
    const open = [...heads, ...bodies].filter(({ took }) => took === undefined).length;
    const untold = [...heads, ...bodies].filter(({ told }) => told !== 408).length;
    return {
      seen:
        `heads ended after ${slowest(heads)} at most, bodies after ${slowest(bodies)}, ${untold} without 408; ` +
        `${load.answered.length} other calls answered, failed: ${words(load.failed)}`,
      broken: broken(
        open > 0 && `${open} connections are still open`,
        untold > 0 && `${untold} were not told 408`,
        load.failed.length > 0 && 'others failed',
      ),
    };
  },
};

/** @returns after how many milliseconds the server ended the connection (undefined: it did not), and by which status. */
async function drip(port, begin, most) {
  const socket = connect(port, '127.0.0.1').setEncoding('latin1');
  const began = performance.now();
  let said = '';
  socket.on('data', (text) => (said += text));
  socket.on('error', () => undefined);
  const closed = once(socket, 'close').then(() => performance.now() - began);
  const dripping = setInterval(() => socket.writable && socket.write('x'), DRIP_MS);
  socket.write(begin);
  const took = await Promise.race([closed, after(most)]);
  clearInterval(dripping);
  socket.destroy();
  return { took, told: Number(/^HTTP\/1\.1 (\d+)/.exec(said)?.[1]) };
}
