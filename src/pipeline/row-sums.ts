import type { Baseline } from '../artifacts/baseline.js';
import type { Manifest } from '../artifacts/manifest.js';
import type { Decision } from '../runners/decoder.js';
import type { TextSizes } from '../runners/text-sizes.js';
import type { CellOfAnswer } from './feature-bins.js';

const MILLION = 1_000_000;

/** What a row adds to a cell, a whole number. */
export interface Sum {
  readonly cell: number;
  readonly of: CellOfAnswer;
}

/** All tokens of a text, and those that the vocabulary does not have. */
export function sumsOfWords({ features }: Baseline, texts: readonly TextSizes[]): Sum[] {
  return features.flatMap(({ name, words }) => {
    const sizes = texts.find(({ input }) => input === name);
    if (words === undefined || sizes === undefined) return [];
    return [
      { cell: words.start, of: (_, place) => sizes.tokens[place]! },
      { cell: words.start + 1, of: (_, place) => sizes.unknown[place]! },
    ];
  });
}

/** The probability that an answer is right by its own account, and the variance of whether it is; in millionths. */
export function sumsOfConfidence({ confidence }: Baseline, { classes = [] }: Manifest): Sum[] {
  if (confidence === undefined) return [];
  // Of two classes the score is the probability of the last, of more the largest one.
  const isLast = classes.length === 2 ? 1 : undefined;
  const sure = ({ score = 0, classIndex }: Decision): number =>
    isLast === undefined || classIndex === isLast ? score : 1 - score;
  const millionths = (share: number): number => Math.round(MILLION * share);
  return [
    { cell: confidence, of: (decision) => millionths(sure(decision)) },
    { cell: confidence + 1, of: (decision) => millionths(sure(decision) * (1 - sure(decision))) },
  ];
}
