// `npm run bench:frozen`: predictions while the state database stands still, beside predictions while it works.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { optionsOf } from './command-line.mjs';
import { BenchFault, chooseCores, pinSelf, requireTools, sayMachine, tellFault } from './machine.mjs';
import { Postgres } from './postgres.mjs';
import { median } from './report.mjs';
import { freePort, startNestor } from './server.mjs';
import { BODY } from './single.mjs';
import { load } from './wrk.mjs';

const HELP = `npm run bench:frozen -- [--rounds 7] [--seconds 3]

A server whose state is in a PostgreSQL of its own. In each round it predicts on 32 connections while the database works, and while all
processes of the database are stopped; trainings are asked for meanwhile. Exit code 1 if the median of the 99th percentiles grows by
more than 10 %, a refusal takes a second, it takes 10 s to recover, or a training that was refused is there twice.`;
const ASK_MS = 250;

const values = optionsOf(HELP, { rounds: '7', seconds: '3' });

const folder = mkdtempSync(join(tmpdir(), 'nestor-frozen-'));
let postgres;
let server;
let keys = 0;
process.on('exit', () => {
  postgres?.signal('SIGKILL');
  server?.child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));

try {
  requireTools('taskset', 'wrk');
  sayMachine();
  const cores = chooseCores();
  pinSelf(cores.client);
  postgres = await Postgres.start(await freePort());
  server = await startNestor(cores.server, folder, { STATE_DATABASE_URL: postgres.url, APP_STAGE: 'test' });
  process.exitCode = await run();
} catch (error) {
  tellFault(error);
} finally {
  await server?.stop();
  postgres?.signal('SIGKILL');
}

async function run() {
  const rounds = Number(values.rounds);
  const found = { working: [], frozen: [], ratio: [], cpu: [], refused: [], recovered: [] };
  await round();
  for (let number = 0; number < rounds; number++) {
    const working = await round();
    postgres.signal('SIGSTOP');
    const frozen = await round();
    postgres.signal('SIGCONT');
    const started = performance.now();
    while ((await train(`after-${number}`)).status >= 500) await after(50);
    found.recovered.push(performance.now() - started);
    found.working.push(working.p99Ms);
    found.frozen.push(frozen.p99Ms);
    found.ratio.push(frozen.p99Ms / working.p99Ms);
    found.cpu.push(frozen.cpuUs / working.cpuUs);
    found.refused.push(...frozen.refusals);
  }
  const { jobs } = JSON.parse((await server.call('GET', '/jobs')).text);
  const ratio = median(found.ratio);
  const slowest = Math.max(...found.refused);
  const longest = Math.max(...found.recovered);
  console.log(
    `p99 ${median(found.working).toFixed(2)} ms while it works, ${median(found.frozen).toFixed(2)} ms while it stands still: ` +
      `${ratio.toFixed(2)} ×; CPU a request ${median(found.cpu).toFixed(2)} ×`,
  );
  console.log(
    `${found.refused.length} trainings refused, the slowest within ${slowest.toFixed(0)} ms; recovered within ${longest.toFixed(0)} ms; ` +
      `${jobs.length} jobs of ${keys} keys`,
  );
  const faults = [
    ...(ratio > 1.1 ? ['the 99th percentile grows'] : []),
    ...(slowest >= 1_000 ? ['a refusal takes a second'] : []),
    ...(longest >= 10_000 ? ['it takes too long to recover'] : []),
    ...(jobs.length > keys ? ['a training is there twice'] : []),
  ];
  for (const fault of faults) console.log(`FAULT  ${fault}`);
  return faults.length === 0 ? 0 : 1;
}

/** Load, and trainings that are asked for beside it, each by a key of its own. */
async function round() {
  const refusals = [];
  const enough = new AbortController();
  const asking = (async () => {
    while (!enough.signal.aborted) {
      await after(ASK_MS);
      const { status, ms } = await train(`beside-${keys}`);
      if (status >= 500) refusals.push(ms);
    }
  })();
  const result = await load(server, '/predict', BODY, 32, Number(values.seconds));
  enough.abort();
  await asking;
  return { ...result, refusals };
}

async function train(key) {
  keys++;
  const reply = await server.call('POST', '/models/turnover/train', '{}', {
    'idempotency-key': key,
  });
  if (![200, 202, 503].includes(reply.status))
    throw new BenchFault(`a training got ${reply.status} ${reply.text}`);
  return reply;
}
