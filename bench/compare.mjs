// `npm run bench:compare -- --other <checkout>`: what this build costs beside another one, e.g. that of the commit before.
// Both run at the same time on the same core, and the load goes from one to the other in short turns, so that both see
// the same machine. Figures are CPU time of the server per request (single rows) and per call (10,000 rows).
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { bulkRows } from './bulk.mjs';
import { writeKeys } from './keys.mjs';
import {
  BenchFault,
  chooseCores,
  describeLoad,
  machineFacts,
  pinSelf,
  requireTools,
  ROOT,
  tellFault,
} from './machine.mjs';
import { median } from './report.mjs';
import { startNestor } from './server.mjs';
import { BODY } from './single.mjs';
import { putModel } from './slow-models.mjs';
import { reseal } from './version-copy.mjs';
import { load } from './wrk.mjs';

const HELP = `npm run bench:compare -- --other <checkout> [--this <checkout>] [--starts 4] [--rounds 3] [--seconds 2] [--keys] [--unwatched]

<checkout> is another clone with its node_modules/ and dist/ (npm ci && npm run build). Prints the medians of both and the
median of the ratios taken round by round: above 1 this build is the cheaper one. Both are started so many times, as two starts
of one build differ by some 5 %, and the median ratio of each start stands behind. --other . shows the noise.
--this <checkout> compares that one in place of this one. --keys has it ask for a key with a rate (AUTH=required), and the other one for none (AUTH=off).
--unwatched gives the other one a turnover without a baseline, of which nothing is counted: with --other . that is the price of drift.`;

/** A second or two: the kernel tells CPU time in steps of 10 ms. */
const BULK_CALLS = 24;

const { values } = parseArgs({
  options: {
    this: { type: 'string', default: ROOT },
    other: { type: 'string' },
    starts: { type: 'string', default: '4' },
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '2' },
    keys: { type: 'boolean', default: false },
    unwatched: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
});
if (values.help || values.other === undefined) {
  console.log(HELP);
  process.exit(values.help ? 0 : 2);
}

const folder = mkdtempSync(join(tmpdir(), 'nestor-compare-'));
const models = join(folder, 'models');
/** What is measured → its rounds, start by start. */
const found = new Map();
let peak = {};
let servers = [];
try {
  requireTools('taskset', 'wrk');
  const cores = chooseCores();
  const machine = machineFacts();
  console.log(`${machine.cpu}, Node ${machine.node}; ${describeLoad(machine.loadBefore)}\n`);
  pinSelf(cores.client);
  if (values.unwatched) copyUnwatched();
  const builds = [
    ['this', resolve(values.this)],
    ['other', resolve(values.other)],
  ];
  for (let start = 0; start < Number(values.starts); start++) {
    await startAll(start % 2 === 0 ? builds : builds.toReversed(), cores.server);
    await measureAll();
    for (const server of servers)
      peak = { ...peak, [server.name]: Math.max(peak[server.name] ?? 0, server.memory().peak) };
    await stopAll();
    // Gigabytes of records.
    for (const name of readdirSync(folder))
      if (name !== 'models') rmSync(join(folder, name), { recursive: true });
  }
  for (const [what, starts] of found) tell(what, starts);
  for (const [name, mebibytes] of Object.entries(peak))
    console.log(`${name}: ${mebibytes.toFixed(0)} MiB at most`);
} catch (error) {
  tellFault(error);
} finally {
  await stopAll();
  rmSync(folder, { recursive: true, force: true });
}

async function startAll(builds, core) {
  for (const [name, root] of builds) {
    // A rate that is never used up.
    const rated = values.keys && name === 'this' ? writeKeys(folder, [{ rate: 1e9, burst: 1e9 }]) : undefined;
    const env = {
      ...(rated?.env ?? (values.keys && { AUTH: 'off' })),
      ...(values.unwatched && { ARTIFACTS_DIR: join(models, name) }),
    };
    servers.push(await startNestor(core, folder, env, { name, root }));
    servers.at(-1).key = rated?.keys[0];
  }
}

/** Gives each of the two a turnover of its own; that of the other one has no baseline. */
function copyUnwatched() {
  for (const name of ['this', 'other']) putModel(join(models, name), 'turnover');
  const version = join(models, 'other', 'turnover', '1');
  rmSync(join(version, 'baseline.json'));
  reseal(version, {});
}

async function stopAll() {
  const running = servers;
  servers = [];
  await Promise.all(running.map((server) => server.stop()));
}

async function measureAll() {
  const bulkBody = JSON.stringify({ instances: bulkRows() });
  await compare('single rows, 1 connection, µs a request', (server) => single(server, 1));
  await compare('single rows, 32 connections, µs a request', (server) => single(server, 32));
  await compare('single rows, 128 connections, µs a request', (server) => single(server, 128));
  await compare('10,000 rows, ms a call', (server) => bulk(server, bulkBody));
}

/** Warms both up, then lets them take turns; who begins changes from round to round. */
async function compare(what, measure) {
  for (const server of servers) await measure(server);
  const rounds = [];
  for (let round = 0; round < Number(values.rounds); round++) {
    const each = {};
    for (const server of round % 2 === 0 ? servers : servers.toReversed()) {
      each[server.name] = await measure(server);
    }
    rounds.push(each);
  }
  found.set(what, [...(found.get(what) ?? []), rounds]);
}

function tell(what, starts) {
  const rounds = starts.flat();
  const middle = (name) => median(rounds.map((each) => each[name])).toFixed(2);
  const ratioOf = (some) => median(some.map(({ other, this: mine }) => other / mine)).toFixed(3);
  // The least is the round that the machine's neighbours disturbed least.
  const least = (name) => Math.min(...rounds.map((each) => each[name]));
  console.log(
    `${what}: this ${middle('this')}, other ${middle('other')}, ratio ${ratioOf(rounds)} (by start ${starts.map(ratioOf).join(', ')}); ` +
      `least ${least('this').toFixed(2)} and ${least('other').toFixed(2)}, ratio ${(least('other') / least('this')).toFixed(3)}`,
  );
}

async function single(server, connections) {
  const { cpuUs } = await load(server, '/predict', BODY, connections, Number(values.seconds));
  return cpuUs;
}

async function bulk(server, body) {
  const before = server.cpuSeconds();
  for (let call = 0; call < BULK_CALLS; call++) {
    const { status, text } = await server.call(
      'POST',
      '/v1/models/turnover:predict',
      body,
      server.key && { 'x-api-key': server.key },
    );
    if (status !== 200) throw new BenchFault(`${server.name}: bulk got ${status} ${text.slice(0, 300)}`);
  }
  return ((server.cpuSeconds() - before) / BULK_CALLS) * 1000;
}
