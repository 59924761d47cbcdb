import type { Baseline } from '../artifacts/baseline.js';
import type { Manifest } from '../artifacts/manifest.js';
import type { TextSizes } from '../runners/text-sizes.js';
import type { MarkingCode } from './marking-code.js';

const MILLION = 1_000_000;

/** What a row adds to a cell. */
export interface Sum {
  readonly cell: number;
  /** The whole number, as text for a line of `MarkingCode`. */
  readonly of: string;
}

/** All tokens of a text, and those that the vocabulary does not have. */
export function sumsOfWords({ features }: Baseline, texts: readonly TextSizes[], code: MarkingCode): Sum[] {
  return features.flatMap(({ name, words }) => {
    const sizes = texts.find(({ input }) => input === name);
    if (words === undefined || sizes === undefined) return [];
    const constant = code.constant(sizes);
    return [
      { cell: words.start, of: `${constant}.tokens[place]` },
      { cell: words.start + 1, of: `${constant}.unknown[place]` },
    ];
  });
}

/** The probability that an answer is right by its own account, and the variance of whether it is; in millionths. */
export function sumsOfConfidence({ confidence }: Baseline, { classes = [] }: Manifest): Sum[] {
  if (confidence === undefined) return [];
  // Of two classes the score is the probability of the last, of more the largest one.
  const sure = classes.length === 2 ? '(decision.classIndex===1?score:1-score)' : 'score';
  const millionths = (share: string): string => `Math.round(${MILLION}*(${share}))`;
  return [
    { cell: confidence, of: millionths(sure) },
    { cell: confidence + 1, of: millionths(`${sure}*(1-${sure})`) },
  ];
}
