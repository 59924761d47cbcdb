// One model of the artifact folder at 32 connections, and from its own metrics what limits it.
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { ARTIFACTS, BenchFault } from './machine.mjs';
import { median } from './report.mjs';
import { load } from './wrk.mjs';

const ALONE = fileURLToPath(new URL('model-alone.mjs', import.meta.url));
const CONNECTIONS = 32;
const WARM_UP_SECONDS = 2;
const STAGE = /^nestor_inference_stage_duration_seconds_sum\{(.*)\} (\S+)$/;
const BATCHES = /^nestor_inference_batch_rows_(sum|count)\{(.*)\} (\S+)$/;

/** @returns the names of all models that `server` has, those that do not answer left out. */
export async function readyModels(server) {
  const { models } = JSON.parse((await server.call('GET', '/models')).text);
  return models.filter(({ state }) => state === 'ready').map(({ name }) => name);
}

/** @throws BenchFault if there is no such model, or it does not answer its own example. */
export async function measureModel(server, name, { rounds, seconds }, core) {
  const path = `/models/${name}/predict`;
  const body = await exampleOf(server, name);
  const { status, text } = await server.call('POST', path, body);
  if (status !== 200) throw new BenchFault(`${name}: its example got ${status} ${text}`);
  const warmUp = await load(server, path, body, CONNECTIONS, WARM_UP_SECONDS);
  const before = await stagesOf(server, name);
  const results = [];
  for (let round = 0; round < rounds; round++) {
    results.push(await load(server, path, body, CONNECTIONS, seconds));
  }
  const after = await stagesOf(server, name);
  const middle = (key) => median(results.map((each) => each[key]));
  const rows = after.rows - before.rows;
  const cpuUs = middle('cpuUs');
  const stages = Object.fromEntries(
    Object.entries(after.stages).map(([stage, sum]) => [stage, ((sum - before.stages[stage]) / rows) * 1e6]),
  );
  const batchRows = rows / (after.batches - before.batches);
  const modelUs = modelAlone(core, name, Math.round(batchRows), body);
  return {
    name,
    perSecond: middle('perSecond'),
    p50Ms: middle('p50Ms'),
    p99Ms: middle('p99Ms'),
    cpuUs,
    coreShare: middle('coreShare'),
    memoryMiB: Math.max(...results.map(({ memoryMiB }) => memoryMiB)),
    batchRows,
    stages,
    modelUs,
    limit: limitOf(stages, modelUs, cpuUs),
    answered: 1 + [warmUp, ...results].reduce((sum, { requests }) => sum + requests, 0),
    inFlight: CONNECTIONS * (rounds + 1),
  };
}

/** The example values of the inputs, as GET /models/<name> gives them: /openapi.json is off in production. */
async function exampleOf(server, name) {
  const { status, text } = await server.call('GET', `/models/${name}`);
  if (status !== 200)
    throw new BenchFault(`no model "${name}"; there are: ${(await readyModels(server)).join(', ')}`);
  return JSON.stringify(
    Object.fromEntries(JSON.parse(text).inputs.map(({ name, example }) => [name, example])),
  );
}

/** CPU µs per row of encode, run and decode, by the same core when nothing else is asked of it. */
function modelAlone(core, name, rows, body) {
  const command = [process.execPath, ALONE, ARTIFACTS, name, String(rows), body];
  return JSON.parse(execFileSync('taskset', ['-c', String(core), ...command], { encoding: 'utf8' }))
    .cpuUsPerRow;
}

/** The dearest part: the model as it costs alone, the stages that never wait, and what none of them accounts for. */
function limitOf({ validate, record }, modelUs, cpuUs) {
  const parts = { model: modelUs, validate, record };
  const known = Object.values(parts).reduce((sum, us) => sum + us, 0);
  const [[part, us]] = [...Object.entries(parts), ['HTTP, JSON, framework', cpuUs - known]].toSorted(
    ([, a], [, b]) => b - a,
  );
  return `${part} (${Math.round((us / cpuUs) * 100)} %)`;
}

async function stagesOf(server, model) {
  const found = { stages: {}, rows: 0, batches: 0 };
  for (const line of (await server.call('GET', '/metrics')).text.split('\n')) {
    const [, labels, seconds] = STAGE.exec(line) ?? [];
    if (labels?.includes(`model="${model}"`))
      found.stages[/stage="([^"]+)"/.exec(labels)[1]] = Number(seconds);
    const [, suffix, of, value] = BATCHES.exec(line) ?? [];
    if (of?.includes(`model="${model}"`)) found[suffix === 'sum' ? 'rows' : 'batches'] = Number(value);
  }
  return found;
}
