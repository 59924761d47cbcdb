// A server for one fault, with the models that it needs.
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { BenchFault } from '../machine.mjs';
import { startNestor } from '../server.mjs';
import { putModel, putSlowModel } from '../slow-models.mjs';

/** What a model of `busy` or `hungry` costs in its sample: more than the budget of a run in the server. */
const SAMPLE = { busy: 20, hungry: 10 };
/** Memory of a process that runs a model, in the faults. */
export const MODEL_MIB = 512;
const LISTENING_MS = 60_000;

/**
 * Starts Nestor with turnover and with `slow` models (`busy`, `hungry`), each of which runs in two processes of its own.
 * `env` has further settings.
 * @throws BenchFault where a slow model runs in the server itself: nothing could be said then.
 */
export async function served(folder, { slow = [], env = {}, ...more } = {}) {
  const models = join(folder, 'artifacts');
  mkdirSync(models, { recursive: true });
  putModel(models, 'turnover');
  for (const graph of slow) putSlowModel(models, graph, graph, SAMPLE[graph]);
  const server = await startNestor(
    undefined,
    folder,
    {
      ARTIFACTS_DIR: models,
      INFERENCE_BUDGET_MS: '1',
      INFERENCE_PROCESSES: '2',
      INFERENCE_MEMORY_BYTES: String(MODEL_MIB * 2 ** 20),
      ...env,
    },
    more,
  );
  // Ready is told by the first worker that serves, this by all.
  await whenSo(() => readFileSync(server.logFile, 'utf8').includes('"listening"'), LISTENING_MS);
  if (server.modelProcesses().length < 2 * slow.length) {
    await server.stop();
    throw new BenchFault(`${slow.join(' and ')} run in the server, not in processes of their own`);
  }
  return server;
}

/** Where that server writes its records. */
export const recordsOf = (folder) => join(folder, 'predictions');

/** Looks every 10 ms. @returns when it became so, by performance.now, or undefined after `withinMs`. */
export async function whenSo(isSo, withinMs) {
  const until = performance.now() + withinMs;
  while (performance.now() < until) {
    if (await isSo()) return performance.now();
    await after(10);
  }
  return undefined;
}

/** A list without what is undefined: what is broken is told by `condition && 'words'`. */
export const broken = (...texts) => texts.flat().filter((text) => typeof text === 'string');

export const ms = (milliseconds) => (milliseconds === undefined ? 'never' : `${milliseconds.toFixed(0)} ms`);
