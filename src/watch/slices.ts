import type { InputSpec } from '../artifacts/manifest.js';

/** A name is cut after so many characters; a text of a caller may be long. */
const NAME = 80;

type Inputs = Readonly<Record<string, unknown>>;

/**
 * The slices that each row belongs to, by names that people know: the value of an input, or the quarter of these rows that its
 * number lies in. Texts and times make none.
 */
export function slicesOf(inputs: readonly InputSpec[], rows: readonly Inputs[]): string[][] {
  const namers = inputs.filter(makesSlices).map(({ name, type }) => {
    const isNumber = type === 'number' || type === 'integer';
    return { name, nameOf: isNumber ? quarterNames(name, rows) : valueName(name) };
  });
  return rows.map((row) => namers.map(({ name, nameOf }) => nameOf(row[name])));
}

export const makesSlices = ({ type }: InputSpec): boolean => type !== 'text' && type !== 'datetime';

function valueName(name: string): (value: unknown) => string {
  return (value) => {
    if (value === null || value === undefined) return `${name} is missing`;
    return `${name} = ${typeof value === 'string' ? value : JSON.stringify(value)}`.slice(0, NAME);
  };
}

function quarterNames(name: string, rows: readonly Inputs[]): (value: unknown) => string {
  const numbers = Float64Array.from(
    rows.map((row) => row[name]).filter((value) => typeof value === 'number'),
  ).toSorted();
  const quarters = [1, 2, 3].map((quarter) => numbers[Math.floor((quarter * (numbers.length - 1)) / 4)]!);
  const edges = numbers.length === 0 ? [] : [...new Set(quarters)];
  const shown = edges.map((edge) => String(Number(edge.toPrecision(6))));
  const names = [...edges.keys(), edges.length].map((place) => {
    if (place === 0) return edges.length === 0 ? name : `${name} ≤ ${shown[0]}`;
    return place === edges.length
      ? `${name} > ${shown.at(-1)}`
      : `${shown[place - 1]} < ${name} ≤ ${shown[place]}`;
  });
  return (value) => {
    if (typeof value !== 'number') return `${name} is missing`;
    const place = edges.findIndex((edge) => value <= edge);
    return names[place === -1 ? edges.length : place]!;
  };
}
