import { chiSquaredQuantile, normalQuantile } from './quantiles.js';

/** Of all features of a window together: how often clean data may pass for moved, by one window alone. */
const FALSE_ALARMS = 0.01;

/** How far the rows of a window lie from those of the training, over the same bins. */
export interface Distance {
  /** Population stability index of the smoothed shares. */
  readonly psi: number;
  /** What is left of it beyond what as many rows show without any drift. */
  readonly excess: number;
  /** Clean rows stay below it in all but 1 % of windows, all features taken together. */
  readonly critical: number;
  /** Jensen-Shannon distance of the shares as they are, logarithms to base 2: from 0 to 1. */
  readonly jsDistance: number;
}

/**
 * Compares counts over the same bins: `expected` of the training rows, `observed` of a window.
 * @param features how many are compared beside each other
 */
export function distance(
  expected: readonly number[],
  observed: readonly number[],
  features: number,
): Distance {
  const freedom = expected.length - 1;
  const noise = 1 / total(expected) + 1 / total(observed);
  const index = psi(expected, observed);
  return {
    psi: index,
    excess: Math.max(0, index - freedom * noise),
    critical: freedom === 0 ? 0 : chiSquaredQuantile(freedom, 1 - FALSE_ALARMS / features) * noise,
    jsDistance: jsDistance(expected, observed),
  };
}

/**
 * Whether a share has risen by more than chance: `hits` of `rows` against `hitsBefore` of `rowsBefore`, by the test of two
 * proportions.
 */
export function hasRisen(
  hitsBefore: number,
  rowsBefore: number,
  hits: number,
  rows: number,
  features: number,
): boolean {
  const together = (hitsBefore + hits) / (rowsBefore + rows);
  const deviation = Math.sqrt(together * (1 - together) * (1 / rowsBefore + 1 / rows));
  const rise = hits / rows - hitsBefore / rowsBefore;
  return deviation > 0 && rise / deviation > normalQuantile(1 - FALSE_ALARMS / features);
}

export const total = (counts: readonly number[]): number => counts.reduce((sum, count) => sum + count, 0);

/** Shares smoothed by half a row a bin: an empty bin is no infinity, and a fixed small share would inflate small windows. */
export function smoothed(counts: readonly number[]): number[] {
  const all = total(counts) + 0.5 * counts.length;
  return counts.map((count) => (count + 0.5) / all);
}

function psi(expected: readonly number[], observed: readonly number[]): number {
  const before = smoothed(expected);
  const now = smoothed(observed);
  return before.reduce((sum, share, bin) => sum + (now[bin]! - share) * Math.log(now[bin]! / share), 0);
}

function jsDistance(expected: readonly number[], observed: readonly number[]): number {
  const [m, n] = [total(expected), total(observed)];
  let divergence = 0;
  for (const [bin, count] of expected.entries()) {
    const [p, q] = [count / m, observed[bin]! / n];
    for (const share of [p, q]) if (share > 0) divergence += (share * Math.log2((2 * share) / (p + q))) / 2;
  }
  return Math.sqrt(Math.max(0, divergence));
}
