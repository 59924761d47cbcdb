import type { Backlog } from './backlog.js';
import { Batcher } from './batcher.js';
import { Pace, SECONDS_APART, SECONDS_ON_LOOP } from './pace.js';
import { ParallelBatcher } from './parallel-batcher.js';
import type { Recorder } from './recorder.js';
import { isLocal, type Runner } from './runner.js';

export type AnyBatcher = Batcher | ParallelBatcher;

/**
 * What puts the calls of a model together, by where its runs are done.
 * @param backlog what waits for the event loop, of all models
 * @param secondsPerRow what a run of a single row takes, as it was measured
 */
export function batcherOf(
  runner: Runner,
  recorder: Recorder,
  backlog: Backlog,
  secondsPerRow: number,
): AnyBatcher {
  const pace = new Pace(isLocal(runner) ? SECONDS_ON_LOOP : SECONDS_APART);
  pace.measure(1, secondsPerRow);
  return isLocal(runner)
    ? new Batcher(runner, recorder, backlog, pace)
    : new ParallelBatcher(runner, recorder, pace);
}
