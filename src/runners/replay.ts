import { setImmediate as nextTurn } from 'node:timers/promises';
import { ArtifactFault } from '../artifacts/artifact-fault.js';
import type { Manifest, Sample } from '../artifacts/manifest.js';
import type { Row } from '../inputs/input-check.js';
import type { Decision } from './decoder.js';
import type { Decided } from './outcome.js';
import type { RunTimes } from './run-times.js';

/** Memory of a run grows with its rows, so golden samples go through a few at a time. */
const MOST_ROWS = 128;
/** Others have their turn after so long; the slices of a dear model are smaller. */
const SLICE_MS = 20;
/** The first runs pay for memory and code that later ones find ready. */
const WARM_UP_RUNS = 50;
/** After so many in a row that were no quicker by a twentieth, nothing is left to warm up. */
const NO_QUICKER = 10;
const QUICKER = 0.95;
/** Of a model so slow that this is not enough, nothing gets quicker by more. */
const WARM_UP_MS = 200;

interface Decides {
  decided(rows: readonly Row[]): readonly Decided[];
}

interface Runs {
  run(rows: readonly Row[], times: RunTimes): readonly Decision[];
}

const unmeasured = (): RunTimes => ({ encode: 0, run: 0, decode: 0 });
const rowOf = ({ input }: Sample): Row => input as Row;

/** What came of the golden samples: how far the served model was off from the estimator at most, in what it has. */
export interface Replay {
  readonly samples: number;
  readonly raw?: number;
  readonly probability?: number;
}

/**
 * Asks the model for every golden sample and compares with what the estimator said.
 * @throws ArtifactFault that names the first sample that differs by more than the manifest's tolerance.
 */
export async function replay(
  samples: readonly Sample[],
  runner: Decides,
  manifest: Manifest,
): Promise<Replay> {
  const { tolerance } = manifest;
  let [raw, probability, size] = [0, 0, 1];
  for (let first = 0; first < samples.length;) {
    const some = samples.slice(first, first + size);
    const started = performance.now();
    const decisions = runner.decided(some.map(rowOf));
    for (const [index, sample] of some.entries()) {
      const decision = decisions[index]!;
      const place = (): string => `samples.json: sample ${first + index + 1}`;
      const said = saidOf(decision, manifest);
      if (said !== undefined && !areEqual(said, sample.label)) {
        throw new ArtifactFault(
          `${place()}: the estimator says ${String(sample.label)}, the served model ${String(said)}`,
        );
      }
      raw = Math.max(
        raw,
        compare(sample.raw, decision.raw, tolerance.raw ?? 0, () => `${place()}: raw`),
      );
      const expected = sample.probabilities ?? [];
      const within = tolerance.probability ?? 0;
      const off = compare(expected, decision.probabilities, within, () => `${place()}: probabilities`);
      probability = Math.max(probability, off);
    }
    const msPerRow = (performance.now() - started) / some.length;
    await nextTurn();
    first += some.length;
    size = Math.max(1, Math.min(MOST_ROWS, Math.floor(SLICE_MS / msPerRow)));
  }
  return {
    samples: samples.length,
    ...(tolerance.raw !== undefined && { raw }),
    ...(tolerance.probability !== undefined && { probability }),
  };
}

type Said = Sample['label'];

/** The class that was decided, or that of each target; undefined for a regression. */
function saidOf({ classIndex, targets: decided }: Decided, { task, classes, targets }: Manifest): Said {
  if (task === 'regression') return undefined;
  if (targets === undefined) return classes?.[classIndex]?.value;
  return targets.map((target, index) => target.classes![decided![index]!.classIndex]!.value);
}

function areEqual(said: Said, expected: Said): boolean {
  if (!Array.isArray(said) || !Array.isArray(expected)) return said === expected;
  return said.length === expected.length && said.every((each, index) => each === expected[index]);
}

/** Runs single rows until the model is as quick as it gets. @returns the seconds that the quickest of them took. */
export async function warmUp(samples: readonly Sample[], runner: Runs): Promise<number> {
  const started = performance.now();
  let [turn, quickest, since] = [started, Infinity, 0];
  for (let run = 0; run < WARM_UP_RUNS && since < NO_QUICKER && turn - started < WARM_UP_MS; run++) {
    const before = performance.now();
    runner.run([rowOf(samples[run % samples.length]!)], unmeasured());
    const after = performance.now();
    since = after - before < quickest * QUICKER ? 0 : since + 1;
    quickest = Math.min(quickest, after - before);
    if (after - turn < SLICE_MS / 2) continue;
    await nextTurn();
    turn = performance.now();
  }
  return quickest / 1000;
}

/** @returns the largest difference. @throws ArtifactFault if it is more than `within`. */
function compare(
  expected: readonly number[],
  actual: readonly number[],
  within: number,
  what: () => string,
): number {
  if (expected.length !== actual.length) {
    throw new ArtifactFault(`${what()}: ${expected.length} numbers expected, ${actual.length} found`);
  }
  let largest = 0;
  for (let place = 0; place < expected.length; place++) {
    const difference = Math.abs(expected[place]! - actual[place]!);
    if (!(difference <= within)) {
      throw new ArtifactFault(
        `${what()}: expected ${expected[place]}, actual ${actual[place]}, tolerance ${within}`,
      );
    }
    if (difference > largest) largest = difference;
  }
  return largest;
}
