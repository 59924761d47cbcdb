import { ArtifactFault } from '../artifacts/artifact-fault.js';
import type { Manifest, Sample } from '../artifacts/manifest.js';
import type { Decided } from './outcome.js';

/**
 * How far a decision is off at most from what the estimator said, in raw scores and in probabilities.
 * @throws ArtifactFault that begins with `place` if that is more than the manifest's tolerance
 */
export function differencesOf(
  decision: Decided,
  sample: Sample,
  manifest: Manifest,
  place: () => string,
): { raw: number; probability: number } {
  const { tolerance } = manifest;
  const said = saidOf(decision, manifest);
  if (said !== undefined && !areEqual(said, sample.label)) {
    throw new ArtifactFault(
      `${place()}: the estimator says ${String(sample.label)}, the served model ${String(said)}`,
    );
  }
  const raw = compare(sample.raw, decision.raw, tolerance.raw ?? 0, () => `${place()}: raw`);
  const within = tolerance.probability ?? 0;
  const expected = sample.probabilities ?? [];
  return {
    raw,
    probability: compare(expected, decision.probabilities, within, () => `${place()}: probabilities`),
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
