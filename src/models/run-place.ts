import type { AppConfig } from '../config/app-config.js';
import { limitsOf } from '../config/limits.js';
import type { Isolation } from '../runners/graph-place.js';
import type { ModelRunner } from '../runners/model-runner.js';

/** Where the graph of a version runs, as the log and `GET /models` say it; the figures where they are the reason. */
export type RunPlace =
  | { readonly runs_in: 'server' }
  | { readonly runs_in: 'processes'; readonly processes: number; readonly ms_per_row: number };

/** Says where a version runs that is loaded. */
export function runPlace({
  parallel,
  cpuSecondsPerRow = 0,
}: Pick<ModelRunner, 'parallel' | 'cpuSecondsPerRow'>): RunPlace {
  if (parallel === undefined) return { runs_in: 'server' };
  return {
    runs_in: 'processes',
    processes: parallel,
    ms_per_row: Number((cpuSecondsPerRow * 1000).toPrecision(3)),
  };
}

/** What the processes of a slow model may have, and which is slow. */
export function isolationOf(config: AppConfig): Isolation {
  const { inferenceProcesses, inferenceMemoryBytes } = limitsOf(config);
  return {
    processes: inferenceProcesses,
    threads: config.inferenceThreads,
    memoryBytes: inferenceMemoryBytes,
    budgetMs: config.inferenceBudgetMs,
  };
}
