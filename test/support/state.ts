import { setTimeout as after } from 'node:timers/promises';
import { StateDatabase } from '../../src/state/state-database.js';
import type { StateEngine } from '../../src/state/state-engine.js';
import type { GivenLabel } from '../../src/state/stored-feedback.js';
import type { StoredJob } from '../../src/state/stored-job.js';
import { ordered } from '../../src/training/job.js';
import { atEnd } from './clean-up.js';

/** A state database over `engine` that is open, or on its way; with what it has told the log. */
export function stateOver(engine: StateEngine): { state: StateDatabase; told: string[] } {
  const told: string[] = [];
  const tell = (message: string, { reason }: { reason?: string }): number =>
    told.push(reason === undefined ? message : `${message}: ${reason}`);
  const state = new StateDatabase(engine, { info: tell, error: tell });
  atEnd(() => state.onApplicationShutdown());
  state.open();
  return { state, told };
}

export async function untilUp(state: StateDatabase): Promise<void> {
  while (!state.isUp) await after(20);
}

/** The same, open. */
export async function openState(engine: StateEngine): Promise<ReturnType<typeof stateOver>> {
  const over = stateOver(engine);
  await untilUp(over.state);
  return over;
}

let jobs = 0;

/** A job that waits; each is a second younger than the one before. */
export function waitingJob(changes: Partial<StoredJob> = {}): StoredJob {
  const id = `job-${++jobs}`;
  const order = { id, model: 'iris', arguments: '{}', principal: '', trigger: 'request', key: id };
  return { ...ordered(order, 1_800_000_000_000 + 1_000 * jobs), ...changes };
}

/** The same job, one revision later. */
export const changed = (job: StoredJob, changes: Partial<StoredJob>): StoredJob => ({
  ...job,
  ...changes,
  revision: job.revision + 1,
});

/** A value that is given for a prediction of iris. */
export const givenLabel = (prediction_id: string, value: string, given: number, place = 0): GivenLabel => ({
  prediction_id,
  model: 'iris',
  version: '1',
  predicted: 1_800_000_000_000,
  inputs: '{"petal_width":0.2}',
  outputs: '{"prediction":0}',
  value,
  given,
  place,
  principal: null,
});
