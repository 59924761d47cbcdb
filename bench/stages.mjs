// `npm run bench:stages`: a version walks through development, test, acceptance and production, each a server of its own
// under load, and is rolled back and promoted again in each.
import { fork, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { optionsOf } from './command-line.mjs';
import { ARTIFACTS, BenchFault, ROOT, sayMachine, tellFault } from './machine.mjs';
import { startNestor } from './server.mjs';
import { reseal } from './version-copy.mjs';

const HELP = `npm run bench:stages -- [--rate 2000] [--seconds 3]

Four servers, one a stage. A version is pushed to development and promoted from stage to stage by \`nestor promote\`, rolled back
and promoted again, while another process asks that stage --rate single rows a second and five batches of 300 rows; it does so for
--seconds before, between and after. Exit code 1 if a call failed, a reply mixed two versions, the digests of the stages differ,
or a rollback took 5 s.`;
const STAGES = ['development', 'test', 'acceptance', 'production'];
const MODEL = 'turnover';
const MOST_MS = 5_000;

const values = optionsOf(HELP, { rate: '2000', seconds: '3' });
const rate = Number(values.rate);
const pause = 1_000 * Number(values.seconds);

const folder = mkdtempSync(join(tmpdir(), 'nestor-stages-'));
const servers = {};
let client;
process.on('exit', () => {
  for (const { child } of Object.values(servers)) child.kill('SIGKILL');
  client?.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));

try {
  sayMachine();
  for (const stage of STAGES) servers[stage] = await begin(stage);
  command('push', secondVersion(), '--to', servers.development.url);
  const faults = [];
  for (const [index, stage] of STAGES.entries()) faults.push(...(await walk(stage, STAGES[index - 1])));
  const digests = await Promise.all(STAGES.map((stage) => digestOf(servers[stage])));
  console.log(`digests: ${[...new Set(digests)].join(', ')}`);
  if (new Set(digests).size > 1) faults.push('the digests of the stages differ');
  for (const fault of faults) console.log(`FAULT  ${fault}`);
  process.exitCode = faults.length === 0 ? 0 : 1;
} catch (error) {
  tellFault(error);
} finally {
  await Promise.all(Object.values(servers).map((server) => server.stop()));
}

function begin(stage) {
  const home = join(folder, stage);
  mkdirSync(home);
  cpSync(join(ARTIFACTS, MODEL), join(home, 'models', MODEL), { recursive: true });
  return startNestor(undefined, home, { APP_STAGE: stage, ARTIFACTS_DIR: join(home, 'models') });
}

function secondVersion() {
  const copy = join(folder, '2');
  cpSync(join(ARTIFACTS, MODEL, '1'), copy, { recursive: true });
  reseal(copy, { version: '2', description: 'The second version, which walks through the stages' });
  return copy;
}

/** @returns what went wrong in a stage. */
async function walk(stage, before) {
  const server = servers[stage];
  startClient(server, stage);
  await after(pause);
  const took = [];
  const timed = async (change, version) => {
    const started = performance.now();
    await change();
    while ((await answering(server)) !== version) await after(5);
    took.push(performance.now() - started);
    await after(pause);
  };
  const set = (version) => ask(server, 'PUT', 'aliases/champion', { version, reason: 'the walk' });
  await timed(
    before === undefined
      ? () => set('2')
      : () => command('promote', MODEL, '--from', servers[before].url, '--to', server.url),
    '2',
  );
  await timed(() => ask(server, 'POST', 'rollback', { reason: 'the walk' }), '1');
  await timed(() => set('2'), '2');
  client.send('stop');
  const [{ totals, failures, ms }] = await once(client, 'message');
  const [promoted, rolledBack] = took.map((each) => `${each.toFixed(0)} ms`);
  const seen = Object.entries(totals.versions).map(([version, count]) => `version ${version} ${count}`);
  console.log(
    `${stage.padEnd(11)} ${totals.answered} answers (${seen.join(', ')}), p99 ${ms.p99.toFixed(1)} ms; ` +
      `promoted in ${promoted}, rolled back in ${rolledBack}; ${totals.failures} failed, ${totals.mixed} mixed`,
  );
  return [
    ...failures,
    ...(totals.mixed > 0 ? [`${stage}: ${totals.mixed} replies mix two versions`] : []),
    ...(took[1] >= MOST_MS ? [`${stage}: the rollback took ${rolledBack}`] : []),
    ...(Object.keys(totals.versions).length < 2 ? [`${stage}: one version alone answered`] : []),
  ];
}

function startClient({ port }, stage) {
  const plan = {
    port,
    path: `/models/${MODEL}/predict`,
    row: firstRow(),
    rate,
    batchPath: `/v1/models/${MODEL}:predict`,
    batchRows: 300,
    batchRate: 5,
    folder: join(folder, stage),
  };
  client = fork(fileURLToPath(new URL('open-load.mjs', import.meta.url)), [JSON.stringify(plan)]);
}

function firstRow() {
  return JSON.parse(readFileSync(join(ARTIFACTS, MODEL, '1', 'samples.json'), 'utf8')).samples[0].input;
}

async function answering(server) {
  const { text } = await server.call('POST', `/models/${MODEL}/predict`, JSON.stringify(firstRow()));
  return JSON.parse(text).version;
}

async function ask(server, method, path, body) {
  const target = `/models/${MODEL}/${path}`;
  const { status, text } = await server.call(method, target, JSON.stringify(body), { 'if-match': '*' });
  if (status !== 200) throw new BenchFault(`${method} ${target}: ${status} ${text}`);
}

async function digestOf(server) {
  const reply = await fetch(`${server.url}/models/${MODEL}/versions/2/artifact`);
  await reply.arrayBuffer();
  return reply.headers.get('etag');
}

function command(...words) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(ROOT, 'bin/nestor.js'), ...words], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new BenchFault(`nestor ${words.join(' ')}: ${stdout}${stderr}`);
}
