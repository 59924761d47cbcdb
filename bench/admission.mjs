// `npm run bench:admission`: loads that hold more memory or work than a small container has. The server runs under a memory
// limit; small calls and liveness go on beside each load. One line for each load, and what it falls short of.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { BULK, rows, TEXTS, texts } from './admission/bodies.mjs';
import { callers, open, unfinished, unread } from './admission/loads.mjs';
import { MemoryGroup } from './admission/memory-group.mjs';
import { optionsOf } from './command-line.mjs';
import {
  BenchFault,
  chooseCores,
  describeLoad,
  machineFacts,
  pinSelf,
  requireTools,
  tellFault,
} from './machine.mjs';
import { quantile } from './quantile.mjs';
import { startNestor } from './server.mjs';
import { BODY } from './single.mjs';

const HELP = `npm run bench:admission -- [--seconds 60] [--only bodies,rows,uploads,unread,open] [--memory 512] [--env KEY=VALUE] [--check]

--memory is the limit in MiB. It needs the right to make a memory cgroup; without it the heap of Node is limited, and
resident memory alone tells. --env sets what the server is started with. --check ends with exit code 1 where a bound is broken.`;

const RSS_MB = 450;
const LIVE_MS = 200;
const REFUSED_MS = 10;

const values = optionsOf(HELP, {
  seconds: '60',
  only: 'bodies,rows,uploads,unread,open',
  memory: '512',
  env: [],
  check: false,
});
const seconds = Number(values.seconds);
/** Capacity is measured for a shorter time than the load itself lasts. */
const baseSeconds = Math.max(3, Math.min(10, seconds / 3));

const LOADS = {
  bodies: {
    what: '40 callers of 15 MB, 10,000 texts',
    run: closed(TEXTS, texts, 40),
  },
  rows: {
    what: '120 callers of 10,000 rows',
    run: closed(BULK, () => rows(10_000), 120),
  },
  uploads: {
    what: '22 uploads of 16 MiB without their last byte',
    run: async ({ port }) => ({ found: await unfinished(port, BULK, 22, seconds) }),
  },
  unread: {
    what: '400 callers of 10,000 rows who never read',
    run: async ({ port }) => ({ found: await unread(port, BULK, rows(10_000), 400, seconds) }),
  },
  open: {
    what: '100 rows a call, 1.5 x the peak',
    run: async ({ port }) => {
      const body = rows(100);
      await callers(port, BULK, body, 8, baseSeconds / 2);
      const peak = ((await callers(port, BULK, body, 8, baseSeconds))[200] ?? 0) / baseSeconds;
      const found = await open(port, BULK, body, 1.5 * peak, seconds);
      return { found, before: peak, during: found.good / seconds, least: 0.9 };
    },
  },
};

/** Callers who read and come back when they are told to, beside what one of them alone gets. */
function closed(path, make, number) {
  return async ({ port }) => {
    const body = make();
    await callers(port, path, body, 1, baseSeconds / 2);
    const alone = (await callers(port, path, body, 1, baseSeconds))[200] / baseSeconds;
    const found = await callers(port, path, body, number, seconds);
    return { found, before: alone, during: (found[200] ?? 0) / seconds, least: 0.8 };
  };
}

/** The milliseconds within which that part of calls was answered. */
const msAt = (calls, part) =>
  quantile(
    calls.map(({ ms }) => ms),
    part,
  );
const share = (calls) => calls.filter(({ ok }) => ok).length / calls.length;

async function measure(name, cores, folder) {
  const bytes = Number(values.memory) * 2 ** 20;
  const group = MemoryGroup.make(bytes);
  const heap = group === undefined ? { NODE_OPTIONS: `--max-old-space-size=${values.memory / 2}` } : {};
  const env = { ...heap, ...Object.fromEntries(values.env.map((pair) => pair.split(/=(.*)/s, 2))) };
  const server = await startNestor(cores.server, mkdtempSync(join(folder, name)), env, {
    wrap: (command) => (group === undefined ? command : group.enter(command)),
  });
  const beside = new Worker(new URL('admission/beside.mjs', import.meta.url), {
    workerData: { port: server.port, small: BODY },
  });
  const told = new Promise((resolve, reject) => {
    beside.once('message', resolve);
    beside.once('error', reject);
  });
  let peak = 0;
  const sampler = setInterval(() => (peak = Math.max(peak, server.memory().peak)), 100);
  const outcome = await LOADS[name].run(server);
  clearInterval(sampler);
  const isKilled = server.child.exitCode !== null || server.child.signalCode !== null;
  beside.postMessage('over', []);
  const figures = isKilled ? undefined : await told;
  await beside.terminate();
  const groupPeak = group?.peak();
  await server.stop();
  await delay(100);
  group?.remove();
  const how = server.child.signalCode ?? server.child.exitCode;
  return { ...outcome, isKilled, how, rss: (peak * 2 ** 20) / 1e6, groupPeak, ...figures };
}

/** Prints one load. @returns what it falls short of. */
function report(
  name,
  { found, before, during, least, isKilled, how, rss, groupPeak, live, predicted, refusals },
) {
  console.log(`\n${name}: ${LOADS[name].what}, ${seconds} s`);
  const group = groupPeak === undefined ? 'no cgroup' : `cgroup at most ${groupPeak.toFixed(0)} MiB`;
  console.log(`  killed: ${isKilled ? `YES (${how})` : 'no'}; RSS at most ${rss.toFixed(0)} MB; ${group}`);
  console.log(
    `  calls: ${Object.entries(found)
      .map(([what, number]) => `${what} ${number}`)
      .join(', ')}`,
  );
  const short = [];
  if (isKilled) return ['killed'];
  if (rss > RSS_MB) short.push(`RSS ${rss.toFixed(0)} MB`);
  const say = (what, times) =>
    `${what} p50 ${msAt(times, 0.5).toFixed(1)} p99 ${msAt(times, 0.99).toFixed(1)} ms`;
  console.log(
    `  ${say('/health/live', live)}; ${say('small calls', predicted)}, ${(share(predicted) * 100).toFixed(1)} % answered`,
  );
  if (refusals.length > 0) console.log(`  ${say('refused unread', refusals)} (${refusals.length})`);
  if (msAt(live, 0.99) > LIVE_MS) short.push(`live p99 ${msAt(live, 0.99).toFixed(0)} ms`);
  if (share(live) < 1) short.push(`live answered ${share(live)}`);
  if (share(predicted) < 0.99 && name !== 'open') short.push(`small calls answered ${share(predicted)}`);
  if (msAt(refusals, 0.5) > REFUSED_MS) short.push(`refused after ${msAt(refusals, 0.5).toFixed(0)} ms`);
  if (found['503 without Retry-After']) short.push('503 without Retry-After');
  if (before !== undefined) {
    const ratio = during / before;
    console.log(
      `  goodput ${during.toFixed(2)} calls/s, ${ratio.toFixed(2)} of ${before.toFixed(2)} without refusals`,
    );
    if (ratio < least) short.push(`goodput ${ratio.toFixed(2)}`);
  }
  return short;
}

const folder = mkdtempSync(join(tmpdir(), 'nestor-admission-'));
try {
  requireTools('taskset');
  const cores = chooseCores();
  const machine = machineFacts();
  console.log(`${machine.cpu}, Node ${machine.node}; ${describeLoad(machine.loadBefore)}`);
  pinSelf(cores.client);
  const short = [];
  for (const name of values.only.split(',')) {
    if (LOADS[name] === undefined)
      throw new BenchFault(`--only: "${name}" is none of ${Object.keys(LOADS).join(', ')}`);
    for (const what of report(name, await measure(name, cores, folder))) short.push(`${name}: ${what}`);
  }
  console.log(short.length === 0 ? '\nevery bound is kept' : `\nbroken: ${short.join('; ')}`);
  if (values.check && short.length > 0) process.exitCode = 1;
} catch (error) {
  tellFault(error);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exit();
