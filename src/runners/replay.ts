import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Manifest, Sample } from '../artifacts/manifest.js';
import type { Row } from '../inputs/input-check.js';
import type { Decision } from './decoder.js';
import type { Decided } from './outcome.js';
import type { RunTimes } from './run-times.js';
import { differencesOf } from './sample-difference.js';

/** Memory of a run grows with its rows, so golden samples go through a few at a time. */
const MOST_ROWS = 128;
/** Others have their turn after so long; the slices of a dear model are smaller. */
const SLICE_MS = 20;
/** The first runs pay for memory and code that later ones find ready. */
const WARM_UP_RUNS = 50;
/** After so many in a row that were no quicker by a twentieth, nothing is left to warm up. */
const NO_QUICKER = 10;
const QUICKER = 0.95;
/** What runs elsewhere answers golden samples within this, or the version is refused. */
export const SAMPLE_MS = 30_000;
/** Of a model so slow that this is not enough, nothing gets quicker by more. */
const WARM_UP_MS = 200;

/** So long golden samples are replayed; of a model that is too slow for all of them, evenly chosen ones are. */
const REPLAY_MS = 20_000;
/** What the first of them took says little of the others. */
const TELLING_MS = 2_000;

interface Decides {
  decided(rows: readonly Row[]): readonly Decided[] | Promise<readonly Decided[]>;
}

interface Runs {
  run(
    rows: readonly Row[],
    times: RunTimes,
    deadline: number,
  ): readonly Decision[] | Promise<readonly Decision[]>;
}

const unmeasured = (): RunTimes => ({ encode: 0, run: 0, decode: 0 });
const rowOf = ({ input }: Sample): Row => input as Row;

/** What came of the golden samples: how far the served model was off from the estimator at most, in what it has. */
export interface Replay {
  readonly samples: number;
  /** Those that there was no time for. */
  readonly left_out?: number;
  readonly raw?: number;
  readonly probability?: number;
}

/**
 * Asks the model for every golden sample, as far as there is time, and compares with what the estimator said; `parallel`
 * runs at a time where it runs elsewhere.
 * @throws ArtifactFault that names a sample that differs by more than the manifest's tolerance, the first one of its run.
 */
export async function replay(
  samples: readonly Sample[],
  runner: Decides,
  manifest: Manifest,
  parallel = 1,
): Promise<Replay> {
  const { tolerance } = manifest;
  let [raw, probability, size, next, done] = [0, 0, 1, 0, 0];
  const began = performance.now();
  const take = (): readonly [number, readonly Sample[]] => {
    const first = next;
    const some = samples.slice(first, first + size);
    next += size * stride(performance.now() - began, done, samples.length - first);
    return [first, some];
  };
  await inLanes(parallel, async () => {
    for (let [first, some] = take(); some.length > 0; [first, some] = take()) {
      const started = performance.now();
      const decisions = await runner.decided(some.map(rowOf));
      const place = (index: number): string => `samples.json: sample ${first + index + 1}`;
      for (const [index, sample] of some.entries()) {
        const off = differencesOf(decisions[index]!, sample, manifest, () => place(index));
        raw = Math.max(raw, off.raw);
        probability = Math.max(probability, off.probability);
      }
      done += some.length;
      const msPerRow = (performance.now() - started) / some.length;
      await nextTurn();
      size = Math.max(1, Math.min(MOST_ROWS, Math.floor(SLICE_MS / msPerRow)));
    }
  });
  return {
    samples: done,
    ...(done < samples.length && { left_out: samples.length - done }),
    ...(tolerance.raw !== undefined && { raw }),
    ...(tolerance.probability !== undefined && { probability }),
  };
}

/** Of how many samples one can be replayed: 1 where there is time for all that are left, Infinity where there is none. */
function stride(ms: number, done: number, left: number): number {
  if (ms < TELLING_MS || done === 0) return 1;
  if (ms >= REPLAY_MS) return Infinity;
  return Math.max(1, Math.round(((ms / done) * left) / (REPLAY_MS - ms)));
}

/** Does something in as many lanes side by side as there are runs at a time. */
async function inLanes(lanes: number, lane: () => Promise<void>): Promise<void> {
  await Promise.all(Array.from({ length: lanes }, lane));
}

/**
 * Runs single rows until the model is as quick as it gets; `parallel` at a time where it runs elsewhere.
 * @returns the seconds that the quickest of them took.
 */
export async function warmUp(samples: readonly Sample[], runner: Runs, parallel = 1): Promise<number> {
  const started = performance.now();
  let quickest = Infinity;
  await inLanes(parallel, async () => {
    let [turn, own, since] = [started, Infinity, 0];
    for (let run = 0; run < WARM_UP_RUNS && since < NO_QUICKER && turn - started < WARM_UP_MS; run++) {
      const before = performance.now();
      const row = rowOf(samples[run % samples.length]!);
      const running = runner.run([row], unmeasured(), before + SAMPLE_MS);
      if (running instanceof Promise) await running;
      const after = performance.now();
      since = after - before < own * QUICKER ? 0 : since + 1;
      own = Math.min(own, after - before);
      quickest = Math.min(quickest, own);
      if (after - turn < SLICE_MS / 2) continue;
      await nextTurn();
      turn = performance.now();
    }
  });
  return quickest / 1000;
}
