// `npm run bench:many -- [--models 1000]`: what a server of many small models costs beside one of a single model, and the
// CPU of a start with the five models of this checkout; each goal that is missed is said, and ends the run with 1.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { optionsOf } from './command-line.mjs';
import { copyIris } from './iris-copies.mjs';
import { chooseCores, describeLoad, machineFacts, pinSelf, requireTools } from './machine.mjs';
import { median } from './report.mjs';
import { startNestor } from './server.mjs';
import { load } from './wrk.mjs';

const HELP = `npm run bench:many -- [options]

  --models <n>     small models, copies of iris (default 1000)
  --rounds <n>     interleaved rounds of load, and starts with five models (default 5)
  --seconds <n>    length of one round (default 3)
  --help           this text

The goals are those for 1000 models. One core for the server, another for the client (wrk); needs wrk and taskset.`;
const CONNECTIONS = 32;
const INPUT = JSON.stringify({ sepal_length: 5.8, sepal_width: 2.8, petal_length: 5.1, petal_width: 2.4 });

const values = optionsOf(HELP, { models: '1000', rounds: '5', seconds: '3' });
const models = Number(values.models);
const rounds = Number(values.rounds);
const folder = mkdtempSync(join(tmpdir(), 'nestor-many-'));
const started = [];
process.on('exit', () => {
  for (const { child } of started) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));

let missed = 0;
requireTools('taskset', 'wrk');
const cores = chooseCores();
pinSelf(cores.client);
console.log(describeLoad(machineFacts().loadBefore));

const starts = [];
for (let round = 0; round < rounds; round++) {
  const server = await start('five');
  starts.push(server.cpuSeconds());
  await server.stop();
}
tell('CPU until ready, five models', median(starts), 1.5, 's');

const one = await start('one', copies(1));
const many = await start('many', copies(models));
tell(`start of ${models} models`, many.readyMs / 1000, 10, 's');
tell('CPU until ready', many.cpuSeconds(), undefined, 's');
tell('resident after the start', many.memory().now, 400, 'MiB');
for (const path of ['/metrics', '/models', '/openapi.json']) {
  const isMetrics = path === '/metrics';
  await ask(path, path, isMetrics && 300, isMetrics && 4);
}

// What follows the folder rests for two seconds after a change; the load is to meet it as it always is.
await after(3_000);
const cpu = { one: [], many: [], spread: [], ratio: [] };
await loadRound(one);
await loadRound(many, models);
for (let round = 0; round < rounds; round++) {
  cpu.one.push(await loadRound(one));
  cpu.many.push(await loadRound(many));
  cpu.spread.push(await loadRound(many, models));
  cpu.ratio.push(cpu.many.at(-1) / cpu.one.at(-1));
}
tell('CPU a request, one model is there', median(cpu.one), undefined, 'µs');
tell(`CPU a request, ${models} are there and one is asked`, median(cpu.many), undefined, 'µs');
tell('the same by that of one', median(cpu.ratio), 1.05, '×');
tell('CPU a request, all are asked in turn, so that none share a run', median(cpu.spread), undefined, 'µs');
tell('resident after the load', many.memory().now, 400, 'MiB');
await ask('/metrics', '/metrics when all have been asked', 300);
tell('resident after that', many.memory().now, undefined, 'MiB');
await one.stop();
await many.stop();
console.log(missed === 0 ? 'every goal is reached' : `${missed} goals are missed`);
process.exitCode = missed === 0 ? 0 : 1;

/** Of this checkout's models unless `artifacts` are named. */
async function start(name, artifacts) {
  const home = mkdtempSync(join(folder, `${name}-`));
  // Production has no /openapi.json.
  const env = { APP_STAGE: 'acceptance', ...(artifacts && { ARTIFACTS_DIR: artifacts }) };
  const server = await startNestor(cores.server, home, env);
  started.push(server);
  return server;
}

function copies(count) {
  const artifacts = mkdtempSync(join(folder, 'models-'));
  for (let number = 1; number <= count; number++) copyIris(artifacts, `iris-${number}`);
  return artifacts;
}

/** The second answer counts: the first one waits for code that is compiled once. */
async function ask(path, what, mostMs, mostMegabytes) {
  await many.call('GET', path);
  const { status, ms, text } = await many.call('GET', path);
  if (status !== 200) throw new Error(`${path}: ${status} ${text}`);
  tell(`GET ${what}`, ms, mostMs || undefined, 'ms');
  tell(`GET ${what}`, Buffer.byteLength(text) / 1e6, mostMegabytes || undefined, 'MB');
}

/** @returns CPU µs a request; `paths`: so many models are asked in turn. */
async function loadRound(server, paths) {
  const path = `/models/iris-${paths === undefined ? 1 : '{n}'}/predict`;
  return (await load(server, path, INPUT, CONNECTIONS, Number(values.seconds), paths)).cpuUs;
}

function tell(what, value, goal, unit) {
  const isMissed = goal !== undefined && !(value <= goal);
  if (isMissed) missed++;
  const said = goal === undefined ? '' : `  goal: at most ${goal} ${unit}${isMissed ? ', MISSED' : ''}`;
  console.log(`${what.padEnd(66)} ${value.toFixed(2).padStart(8)} ${unit}${said}`);
}
