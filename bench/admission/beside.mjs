// In a thread of its own, so that the load's own work does not stand in the figures: small calls, liveness, and how soon
// a large call hears whether it may send its body.
import { Agent, request } from 'node:http';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { BULK, head } from './bodies.mjs';

const { port, small } = workerData;
const EVERY_MS = 25;
const LARGE_BYTES = 15_000_000;
const over = { isTold: false };
parentPort.once('message', () => (over.isTold = true));

function timed(method, path, body) {
  const agent = (timed[path] ??= new Agent({ keepAlive: true }));
  const headers = body && { 'content-type': 'application/json', 'content-length': body.length };
  const started = performance.now();
  return new Promise((resolve) => {
    const sent = request({ port, host: '127.0.0.1', path, method, agent, headers }, (response) => {
      response.on('end', () => resolve({ ok: response.statusCode === 200, ms: performance.now() - started }));
      response.on('close', () => resolve({ ok: false, ms: performance.now() - started }));
      response.on('error', () => undefined);
      response.resume();
    });
    sent.on('error', () => resolve({ ok: false, ms: performance.now() - started }));
    sent.end(body);
  });
}

/** Longer than the event loop is ever held, so that the server has taken the connection. */
const ACCEPTED_MS = 200;

/**
 * Asks by `Expect: 100-continue`, and goes away where the answer is yes. Timed on a connection that is open, as a client
 * that keeps its connections has it.
 */
async function asked() {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  await delay(ACCEPTED_MS);
  const started = performance.now();
  return new Promise((resolve) => {
    socket.on('data', (data) => {
      resolve({ ok: !data.includes('HTTP/1.1 503'), ms: performance.now() - started });
      socket.destroy();
    });
    socket.on('close', () => resolve({ ok: true, ms: performance.now() - started }));
    socket.write(head(BULK, LARGE_BYTES, 'expect: 100-continue\r\n'));
  });
}

async function repeat(ask, every) {
  const found = [];
  while (!over.isTold) {
    found.push(await ask());
    await delay(every);
  }
  return found;
}

const [live, predicted, decisions] = await Promise.all([
  repeat(() => timed('GET', '/health/live'), EVERY_MS),
  repeat(() => timed('POST', '/predict', small), EVERY_MS),
  repeat(asked, EVERY_MS * 4),
]);
parentPort.postMessage(
  {
    live,
    predicted,
    refusals: decisions.filter(({ ok }) => !ok),
  },
  [],
);
