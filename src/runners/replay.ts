import { setImmediate as nextTurn } from 'node:timers/promises';
import { ArtifactFault } from '../artifacts/artifact-fault.js';
import type { Manifest, Sample } from '../artifacts/manifest.js';
import type { Row } from '../inputs/input-check.js';
import type { Decision } from './decoder.js';
import type { RunTimes } from './run-times.js';

/** Memory of a run grows with its rows, so golden samples go through a few at a time. */
const MOST_ROWS = 128;
/** Others have their turn after so long; the slices of a dear model are smaller. */
const SLICE_MS = 20;
/** The first runs pay for memory and code that later ones find ready. */
const WARM_UP_RUNS = 50;
/** Of a model so slow that this is not enough, nothing gets quicker by more. */
const WARM_UP_MS = 200;

interface Runs {
  run(rows: readonly Row[], times: RunTimes): readonly Decision[];
}

const unmeasured = (): RunTimes => ({ encode: 0, run: 0, decode: 0 });
const rowOf = ({ input }: Sample): Row => input as Row;

/**
 * Asks the model for every golden sample and compares with what the estimator said.
 * @returns the largest difference of a raw score or a probability.
 * @throws ArtifactFault that names the first sample that differs by more than the manifest's tolerance.
 */
export async function replay(samples: readonly Sample[], runner: Runs, manifest: Manifest): Promise<number> {
  let largest = 0;
  let size = 1;
  for (let first = 0; first < samples.length;) {
    const some = samples.slice(first, first + size);
    const started = performance.now();
    const decisions = runner.run(some.map(rowOf), unmeasured());
    for (const [index, decision] of decisions.entries()) {
      const found = compareSample(some[index]!, decision, manifest);
      if (typeof found === 'string')
        throw new ArtifactFault(`samples.json: sample ${first + index + 1}: ${found}`);
      largest = Math.max(largest, found);
    }
    const msPerRow = (performance.now() - started) / some.length;
    await nextTurn();
    first += some.length;
    size = Math.max(1, Math.min(MOST_ROWS, Math.floor(SLICE_MS / msPerRow)));
  }
  return largest;
}

/** Runs single rows until the model is as quick as it gets. */
export async function warmUp(samples: readonly Sample[], runner: Runs): Promise<void> {
  const started = performance.now();
  for (let run = 0; run < WARM_UP_RUNS && performance.now() - started < WARM_UP_MS; run++) {
    runner.run([rowOf(samples[run % samples.length]!)], unmeasured());
    if (run % 10 === 9) await nextTurn();
  }
}

/** @returns what differs by more than the tolerance, else the largest difference. */
function compareSample(
  sample: Sample,
  { outcome, raw, probabilities }: Decision,
  { tolerance, task }: Manifest,
): string | number {
  if (task === 'classification' && outcome.prediction !== sample.label) {
    return `the estimator says ${String(sample.label)}, the served model ${String(outcome.prediction)}`;
  }
  const ofRaw = compare('raw', sample.raw, raw, tolerance.raw);
  if (typeof ofRaw === 'string') return ofRaw;
  const expected = sample.probabilities ?? [];
  const ofProbabilities = compare('probabilities', expected, probabilities, tolerance.probability ?? 0);
  return typeof ofProbabilities === 'string' ? ofProbabilities : Math.max(ofRaw, ofProbabilities);
}

function compare(
  what: string,
  expected: readonly number[],
  actual: readonly number[],
  within: number,
): string | number {
  if (expected.length !== actual.length) {
    return `${what}: ${expected.length} numbers expected, ${actual.length} found`;
  }
  let largest = 0;
  for (const [place, value] of expected.entries()) {
    const difference = Math.abs(value - actual[place]!);
    if (!(difference <= within)) {
      return `${what}: expected ${value}, actual ${actual[place]}, tolerance ${within}`;
    }
    largest = Math.max(largest, difference);
  }
  return largest;
}
