import type { Row } from '../inputs/input-check.js';
import type { Decision } from '../runners/decoder.js';
import type { RunTimes } from '../runners/run-times.js';

/** Runs rows through a model: at once in this process, or by a promise from another one. */
export interface Runner {
  /** Runs at a time in other processes, each a promise; undefined: a run is done at once, on the event loop. */
  readonly parallel?: number | undefined;
  /**
   * @param deadline on the monotonic clock, in milliseconds: what can be ended then, is
   * @param abandoned aborts when nobody waits for what runs elsewhere any more
   * @returns one decision per row, in order; `times` is added to.
   */
  run(
    rows: readonly Row[],
    times: RunTimes,
    deadline: number,
    abandoned?: AbortSignal,
  ): readonly Decision[] | Promise<readonly Decision[]>;
}

/** One whose runs are done at once, on the event loop. */
export interface LocalRunner extends Runner {
  readonly parallel?: undefined;
  run(rows: readonly Row[], times: RunTimes): readonly Decision[];
}

/** Whether a runner answers at once. */
export const isLocal = (runner: Runner): runner is LocalRunner => runner.parallel === undefined;
