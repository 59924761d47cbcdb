import type { Feature } from '../artifacts/baseline.js';
import type { InputSpec, Manifest } from '../artifacts/manifest.js';
import { epochSeconds } from '../inputs/date-time.js';
import type { Row } from '../inputs/input-check.js';
import type { TextSizes } from '../runners/text-sizes.js';
import type { MarkingCode } from './marking-code.js';

/** The cell that a value of an input falls into. */
type CellOfValue = (value: Row[string]) => number;

/** The line that writes the cell of `feature`: made once, so that a row costs no question about the manifest. */
export function cellOfFeature(
  feature: Feature,
  manifest: Manifest,
  texts: readonly TextSizes[],
  code: MarkingCode,
): string {
  const { name, kind, edges = [], start, expected } = feature;
  const missing = start + expected.length;
  const ofNumber = (value: string): string => code.bin(value, edges, start, missing);
  const ofValue = (cell: CellOfValue): string =>
    code.number(`${code.constant(cell)}(row[${code.constant(name)}])`);
  switch (kind) {
    case 'input': {
      const { type, missing_values = [] } = manifest.inputs.find((each) => each.name === name)!;
      if (feature.edges === undefined) return ofValue(categoryCell(feature, missing_values));
      if (type !== 'datetime' && missing_values.length === 0) return ofNumber(`row[${code.constant(name)}]`);
      return ofValue(numberCell(type, missing_values, binOf(edges, start), missing));
    }
    case 'text_length': {
      const bin = binOf(edges, start);
      return ofValue((text) => (typeof text === 'string' ? bin(codePoints(text)) : missing));
    }
    case 'text_tokens': {
      const sizes = texts.find(({ input }) => input === name);
      return sizes === undefined
        ? code.number(`${missing}`)
        : ofNumber(`${code.constant(sizes)}.tokens[place]`);
    }
    case 'score':
      return ofNumber('score');
    default: {
      const target = manifest.targets?.findIndex((each) => each.name === name);
      const decision = target === undefined ? 'decision' : `decision.targets[${target}]`;
      return code.number(`${start}+${decision}.classIndex`);
    }
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
