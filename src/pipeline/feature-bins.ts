import type { Feature } from '../artifacts/baseline.js';
import type { InputSpec, Manifest } from '../artifacts/manifest.js';
import { epochSeconds } from '../inputs/date-time.js';
import type { Row } from '../inputs/input-check.js';
import type { Decision } from '../runners/decoder.js';
import type { TextSizes } from '../runners/text-sizes.js';

/** The cell that a value of an input falls into. */
type CellOfValue = (value: Row[string]) => number;
/** The same of what was decided of a row, or of its text, which stands at `place` among those that were encoded together. */
export type CellOfAnswer = (decision: Decision, place: number) => number;

/** Where the cell of a feature is found. */
export type FeatureBins =
  | {
      /** In a number, by the edges of its bins; a value that is none is missing. */
      readonly edges: readonly number[];
      readonly feature: Feature;
    }
  | { readonly cellOfValue: CellOfValue; readonly feature: Feature }
  | { readonly cellOfAnswer: CellOfAnswer };

/** How the cell of `feature` is found: by functions made once, so that a row costs no question about the manifest. */
export function featureBins(feature: Feature, manifest: Manifest, texts: readonly TextSizes[]): FeatureBins {
  const { name, kind, edges = [], start, expected } = feature;
  const bin = binOf(edges, start);
  const missing = start + expected.length;
  switch (kind) {
    case 'input': {
      const { type, missing_values = [] } = manifest.inputs.find((each) => each.name === name)!;
      if (feature.edges === undefined) return { feature, cellOfValue: categoryCell(feature, missing_values) };
      if (type !== 'datetime' && missing_values.length === 0) return { feature, edges };
      return { feature, cellOfValue: numberCell(type, missing_values, bin, missing) };
    }
    case 'text_length': {
      const cellOfValue: CellOfValue = (text) => (typeof text === 'string' ? bin(codePoints(text)) : missing);
      return { feature, cellOfValue };
    }
    case 'text_tokens': {
      const sizes = texts.find(({ input }) => input === name);
      return { cellOfAnswer: (_, place) => (sizes === undefined ? missing : bin(sizes.tokens[place]!)) };
    }
    case 'score':
      return { cellOfAnswer: ({ score }) => (score === undefined ? missing : bin(score)) };
    default:
      return { cellOfAnswer: classCell(feature, manifest) };
  }
}

function numberCell(
  type: InputSpec['type'],
  missingValues: readonly number[],
  bin: (value: number) => number,
  missing: number,
): CellOfValue {
  if (type === 'datetime') return (text) => (typeof text === 'string' ? bin(epochSeconds(text)) : missing);
  const meansMissing = new Set<unknown>(missingValues);
  return (value) => (typeof value === 'number' && !meansMissing.has(value) ? bin(value) : missing);
}

function categoryCell(
  { values = [], start, expected }: Feature,
  missingValues: readonly number[],
): CellOfValue {
  const missing = start + expected.length;
  const unseen = missing + 1;
  const cells = new Map<unknown, number>([null, undefined, ...missingValues].map((gap) => [gap, missing]));
  for (const [index, value] of values.entries()) cells.set(value, start + index);
  return (value) => cells.get(value) ?? unseen;
}

function classCell({ name, start }: Feature, { targets }: Manifest): CellOfAnswer {
  const target = targets?.findIndex((each) => each.name === name);
  if (target === undefined) return ({ classIndex }) => start + classIndex;
  return (decision) => start + decision.targets![target]!.classIndex;
}

/** The first bin whose upper edge is not below the value: (-∞, e1], (e1, e2], …, (en, ∞). */
function binOf(edges: readonly number[], start: number): (value: number) => number {
  const upper = Float64Array.from(edges);
  return (value) => {
    let [low, high] = [0, upper.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (upper[middle]! < value) low = middle + 1;
      else high = middle;
    }
    return start + low;
  };
}

const [FIRST_HIGH, LAST_HIGH] = [0xd800, 0xdbff];

/** The length that Python gives a text. */
function codePoints(text: string): number {
  let { length } = text;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    if (unit >= FIRST_HIGH && unit <= LAST_HIGH) length--;
  }
  return length;
}
