// What callers do to a server that has less memory than they would like. Each load counts what becomes of its calls.
import { Agent, request } from 'node:http';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { head } from './bodies.mjs';

const UPLOAD_BYTES = 16 * 2 ** 20;

/** One call; `taken` is false where the reply is not to be read. */
function call(port, path, body, agent) {
  const headers = { 'content-type': 'application/json', 'content-length': body.length };
  return new Promise((resolve) => {
    const sent = request({ port, host: '127.0.0.1', path, method: 'POST', agent, headers }, (response) => {
      response.on('error', () => undefined);
      response.on('close', () => resolve({ status: 'broken' }));
      response.on('end', () =>
        resolve({ status: response.statusCode, retryAfter: Number(response.headers['retry-after']) }),
      );
      response.resume();
    });
    sent.on('error', () => resolve({ status: 'broken' }));
    sent.end(body);
  });
}

const count = (found, { status, retryAfter }) => {
  found[status] = (found[status] ?? 0) + 1;
  if (status === 503 && !(retryAfter >= 1))
    found['503 without Retry-After'] = (found['503 without Retry-After'] ?? 0) + 1;
};

/** Callers who call again at once, and after a refusal when they are told to. */
export async function callers(port, path, body, number, seconds) {
  const agent = new Agent({ keepAlive: true });
  const found = {};
  const end = performance.now() + seconds * 1_000;
  const one = async () => {
    while (performance.now() < end) {
      const reply = await call(port, path, body, agent);
      if (performance.now() < end) count(found, reply);
      const wait = reply.status === 200 ? 0 : (reply.retryAfter || 1) * 1_000;
      await delay(Math.min(wait, Math.max(0, end - performance.now())));
    }
  };
  await Promise.all(Array.from({ length: number }, one));
  agent.destroy();
  return found;
}

/** Connections that send a body less its last byte, and begin anew when they are ended. */
export async function unfinished(port, path, number, seconds) {
  const body = Buffer.alloc(UPLOAD_BYTES - 1, ' ');
  return connections(
    number,
    seconds,
    (socket) => {
      socket.write(head(path, UPLOAD_BYTES));
      socket.write(body);
    },
    port,
    true,
  );
}

/** Connections that call and never read the answer. */
export async function unread(port, path, body, number, seconds) {
  return connections(
    number,
    seconds,
    (socket) => {
      socket.write(head(path, body.length));
      socket.write(body);
      socket.pause();
    },
    port,
    false,
  );
}

async function connections(number, seconds, begin, port, isRead) {
  const found = { opened: 0, closed: 0 };
  const open = new Set();
  let isOver = false;
  const one = () => {
    const socket = connect(port, '127.0.0.1');
    open.add(socket);
    found.opened++;
    let wait = 1_000;
    if (isRead)
      socket.on('data', (data) => {
        const [, status] = /^HTTP\/1\.1 (\d+)/.exec(data) ?? [];
        const retryAfter = Number(/retry-after: (\d+)/i.exec(data)?.[1]);
        if (status !== undefined) count(found, { status: Number(status), retryAfter });
        if (retryAfter) wait = retryAfter * 1_000;
        socket.destroy();
      });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      open.delete(socket);
      if (isOver) return;
      found.closed++;
      setTimeout(() => isOver || one(), wait).unref();
    });
    begin(socket);
  };
  for (let index = 0; index < number; index++) one();
  await delay(seconds * 1_000);
  isOver = true;
  for (const socket of open) socket.destroy();
  return found;
}

/** An open model: so many calls a second, whatever becomes of those before. Good is what is answered within a second. */
export async function open(port, path, body, perSecond, seconds) {
  const agent = new Agent({ keepAlive: true });
  const found = { sent: 0, good: 0, late: 0 };
  const waiting = new Set();
  const started = performance.now();
  for (let now = started; now < started + seconds * 1_000; now = performance.now()) {
    for (; found.sent < ((now - started) / 1_000) * perSecond; found.sent++) {
      const reply = call(port, path, body, agent).then((answer) => {
        waiting.delete(reply);
        if (answer.status !== 200) count(found, answer);
        else if (performance.now() - now <= 1_000) found.good++;
        else found.late++;
      });
      waiting.add(reply);
    }
    await delay(4);
  }
  await Promise.race([Promise.all(waiting), delay(5_000)]);
  found.unanswered = waiting.size;
  agent.destroy();
  return found;
}
