import type { Row } from '../../src/inputs/input-check.js';
import type { Decision } from '../../src/runners/decoder.js';
import type { RunTimes } from '../../src/runners/run-times.js';

/** A run that goes on until it is told to end. */
export interface HeldRun {
  readonly numbers: readonly number[];
  readonly deadline: number;
  /** Whether it has been told that nobody waits for it. */
  readonly isAbandoned: () => boolean;
  /** Ends it well, as if each stage had taken half a second. */
  readonly end: () => void;
  readonly fail: (error: Error) => void;
}

/** Stands for a runner in other processes: decides each row by its own number `n` when a run is told to end. */
export class HeldRunner {
  readonly runs: HeldRun[] = [];
  private readonly told = new Set<HeldRun>();

  constructor(readonly parallel: number) {}

  run(
    rows: readonly Row[],
    times: RunTimes,
    deadline: number,
    abandoned?: AbortSignal,
  ): Promise<readonly Decision[]> {
    const numbers = rows.map((row) => row['n'] as number);
    const { promise, resolve, reject } = Promise.withResolvers<readonly Decision[]>();
    const run: HeldRun = {
      numbers,
      deadline,
      isAbandoned: () => abandoned?.aborted === true,
      end: () => {
        this.told.add(run);
        for (const stage of ['encode', 'run', 'decode'] as const) times[stage] += 0.5;
        resolve(numbers.map(decisionOf));
      },
      fail: (error) => {
        this.told.add(run);
        reject(error);
      },
    };
    this.runs.push(run);
    return promise;
  }

  /** Those that are under way. */
  get held(): readonly HeldRun[] {
    return this.runs.filter((run) => !this.told.has(run));
  }
}

/** What a row is decided as that is known by its number. */
export const decisionOf = (n: number): Decision => ({
  outcome: { prediction: n },
  prediction: n,
  openText: `{"prediction":${n}`,
  classIndex: -1,
  score: n,
  raw: [],
  probabilities: [],
});
