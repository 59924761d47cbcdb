import type { Feature } from '../artifacts/baseline.js';
import { distance, type Distance, hasRisen, total } from './distances.js';
import { LEAST_RISE } from './drift-status.js';

/** A share of rows, in training and in a window. */
export interface Share {
  readonly expected: number;
  readonly observed: number;
  readonly rows: number;
  /** By more than chance, and by so much that it matters. */
  readonly hasRisen: boolean;
  /** How far it lies from the training's beyond chance, as `psi_excess` says it of values. */
  readonly excess: number;
}

/** What one window says of one feature. */
export interface FeatureWindow {
  /** Rows by bin. */
  readonly observed: readonly number[];
  /** Rows that have a value. */
  readonly rows: number;
  /** Undefined where no row has one. */
  readonly distance: Distance | undefined;
  /** Of values that are missing; undefined where none can be. */
  readonly missing: Share | undefined;
  /** Of values, or of tokens of a text, that the training did not have; undefined where none can be. */
  readonly unseen: Share | undefined;
  /** Rows with a value or without. */
  readonly asked: number;
  /** What has moved furthest of values and shares, to tell the worst feature also where no status does. */
  readonly moved: number;
}

/** @param features how many are compared beside each other; @param trainingRows how many rows the baseline was made of */
export function featureWindow(
  feature: Feature,
  counts: readonly number[],
  features: number,
  trainingRows: number,
): FeatureWindow {
  const { kind, expected, missing, values, start, words } = feature;
  const end = start + expected.length;
  const observed = counts.slice(start, end);
  const [rowsMissing, rowsUnseen] = [counts[end]!, counts[end + 1]!];
  const rows = total(observed);
  const all = rows + rowsMissing + rowsUnseen;
  const ofRows = (before: number, now: number): Share => share(before, trainingRows, now, all, features);
  const isInput = kind === 'input';
  const found = {
    distance: rows === 0 ? undefined : distance(expected, observed, features),
    missing: isInput ? ofRows(missing, rowsMissing) : undefined,
    unseen:
      isInput && values !== undefined ? ofRows(0, rowsUnseen) : wordsUnseen(words, counts, rows, features),
  };
  const moved = Math.max(...Object.values(found).map((each) => each?.excess ?? 0));
  return { observed, rows, ...found, asked: all, moved };
}

function share(before: number, rowsBefore: number, now: number, rows: number, features: number): Share {
  const [expected, observed] = [before / rowsBefore, rows === 0 ? 0 : now / rows];
  const matters = rows > 0 && observed - expected >= LEAST_RISE;
  return {
    expected,
    observed,
    rows,
    hasRisen: matters && hasRisen(before, rowsBefore, now, rows, features),
    excess: rows === 0 ? 0 : distance([before, rowsBefore - before], [now, rows - now], features).excess,
  };
}

/**
 * A vocabulary has every token of the texts that it was made from: without texts that the training has not seen, nobody knows
 * how many it lacks of others, and nothing is said to have risen.
 */
function wordsUnseen(
  words: Feature['words'],
  counts: readonly number[],
  rows: number,
  features: number,
): Share | undefined {
  if (words === undefined) return undefined;
  const { unknownShare, holdout, start } = words;
  const [all, unknown] = [counts[start]!, counts[start + 1]!];
  if (holdout !== undefined && holdout.tokens > 0)
    return { ...share(holdout.unknown, holdout.tokens, unknown, all, features), rows };
  return {
    expected: unknownShare,
    observed: all === 0 ? 0 : unknown / all,
    rows,
    hasRisen: false,
    excess: 0,
  };
}
