// `npm run bench:rates`: whether a key gets its rate and no more, however much more is asked for.
import { mkdtempSync, rmSync } from 'node:fs';
import { Agent } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { optionsOf } from './command-line.mjs';
import { askWithKey, writeKeys } from './keys.mjs';
import { BenchFault, sayMachine, tellFault } from './machine.mjs';
import { startNestor } from './server.mjs';
import { BODY } from './single.mjs';

const HELP = `npm run bench:rates -- [--seconds 10] [--rate 300] [--times 3] [--workers 1] [--connections 64]

One key with that rate and twice as much as its burst is asked for so many times its rate, in single rows and in batches of 25, by so
many connections, which may be a list such as 1,32; with one connection one of the workers answers all. Another one without a rate is asked beside it. Exit code 1 if the rows that passed are 5 % more or fewer than the burst and what came in,
if a call fails that should have passed after its Retry-After, or if the other key is refused.`;
const WITHIN = 0.05;
const TICK_MS = 5;
const BATCH_ROWS = 25;

const values = optionsOf(HELP, { seconds: '10', rate: '300', times: '3', workers: '1', connections: '64' });
const [seconds, rate, times] = [values.seconds, values.rate, values.times].map(Number);
const burst = 2 * rate;
const agents = values.connections
  .split(',')
  .map((count) => new Agent({ keepAlive: true, maxSockets: Number(count) }));
const folder = mkdtempSync(join(tmpdir(), 'nestor-rates-'));
let server;

try {
  sayMachine();
  const rated = agents.flatMap(() => [
    { rate, burst },
    { rate, burst },
  ]);
  const { env, keys } = writeKeys(folder, [{}, ...rated]);
  const [unrated, ...others] = keys;
  server = await startNestor(undefined, folder, { ...env, WORKERS: values.workers });
  const many = JSON.stringify({ instances: Array.from({ length: BATCH_ROWS }, () => JSON.parse(BODY)) });
  for (const [index, agent] of agents.entries()) {
    const [single, batch] = others.slice(2 * index);
    const by = `by ${agent.maxSockets} connections`;
    const ask = (key, path, body) => askWithKey(key, server.url + path, body, agent);
    await offer(`single rows ${by}`, ask, [single, unrated], '/predict', BODY, 1);
    await offer(
      `batches of ${BATCH_ROWS} ${by}`,
      ask,
      [batch, unrated],
      '/v1/models/turnover:predict',
      many,
      BATCH_ROWS,
    );
  }
} catch (error) {
  tellFault(error);
} finally {
  for (const agent of agents) agent.destroy();
  await server?.stop();
  rmSync(folder, { recursive: true, force: true });
}

/** Asks at a fixed pace whatever the answers are, and then once more after what the last refusal said. */
async function offer(what, ask, [key, other], path, body, rows) {
  const calls = [];
  const others = [];
  const total = Math.round((seconds * rate * times) / rows);
  const began = performance.now();
  while (calls.length < total) {
    const due = Math.min(total, Math.ceil((((performance.now() - began) / 1_000) * rate * times) / rows));
    while (calls.length < due) {
      if (calls.length % 100 === 0) others.push(ask(other, '/predict', BODY));
      calls.push(ask(key, path, body));
    }
    await new Promise((resolve) => setTimeout(resolve, TICK_MS));
  }
  const replies = await Promise.all(calls);
  // The bucket looks at the clock when a call arrives, so what counts is until the last of them did.
  const took = (performance.now() - began) / 1_000;
  const passed = rows * replies.filter(({ status }) => status === 200).length;
  const refused = replies.filter(({ status }) => status === 429);
  const odd = replies.find(({ status }) => status !== 200 && status !== 429);
  if (odd !== undefined) throw new BenchFault(`${what}: ${odd.status}`);
  const share = passed / (rate * took + burst);
  console.log(
    `${what}: ${rows * total} rows asked for in ${took.toFixed(2)} s, ${passed} passed, ${refused.length} calls refused; ` +
      `${passed} / (${rate} × ${took.toFixed(2)} + ${burst}) = ${share.toFixed(4)}`,
  );
  if (Math.abs(share - 1) > WITHIN) throw new BenchFault(`${what}: not within ${100 * WITHIN} %`);
  if ((await Promise.all(others)).some(({ status }) => status !== 200))
    throw new BenchFault('the key without a rate was refused');
  await passesAfterwards(what, () => ask(key, path, body));
}

async function passesAfterwards(what, ask) {
  let reply;
  do reply = await ask();
  while (reply.status === 200);
  await new Promise((resolve) => setTimeout(resolve, reply.retryAfter * 1_000));
  const { status } = await ask();
  if (status !== 200) throw new BenchFault(`${what}: ${status} after Retry-After: ${reply.retryAfter}`);
  console.log(`${what}: passes after Retry-After: ${reply.retryAfter}`);
}
