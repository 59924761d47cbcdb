import { type Aggregator, type MetricFamily, rowLength } from '../observability/metric-family.js';

/** What is less than so large a part of a sum is of how it was rounded. */
const ROUNDING = 1e-12;

/** A part of the numbers of a metric itself: what is written there is written here. */
export function rowAt(family: MetricFamily, index: number): Float64Array {
  const width = rowLength(family);
  return family.values.subarray(index * width, (index + 1) * width);
}

/** The rows of a metric by their labels. */
export function* rowsOf(family: MetricFamily): Iterable<[labels: string, row: Float64Array]> {
  for (const [index, labels] of family.labels.entries()) yield [labels, rowAt(family, index)];
}

const COMBINE: Readonly<Record<Exclude<Aggregator, 'first'>, (one: number, other: number) => number>> = {
  sum: (one, other) => one + other,
  min: Math.min,
  max: Math.max,
};

/** One metric of that of each process, in their order. There is at least one. */
export function merged(families: readonly MetricFamily[]): MetricFamily {
  // A histogram that nobody has used yet may not know its buckets.
  const like = families.find(({ labels }) => labels.length > 0) ?? families[0]!;
  if (like.aggregator === 'first') return like;
  const combine = COMBINE[like.aggregator];
  const width = rowLength(like);
  const places = new Map<string, number>();
  const values: number[] = [];
  for (const family of families.filter((each) => rowLength(each) === width)) {
    for (const [labels, row] of rowsOf(family)) {
      const place = places.get(labels);
      if (place === undefined) {
        places.set(labels, values.length);
        values.push(...row);
      } else {
        for (const [at, value] of row.entries()) values[place + at] = combine(values[place + at]!, value);
      }
    }
  }
  return { ...like, labels: [...places.keys()], values: Float64Array.from(values) };
}

/**
 * The sum of fractions depends in its last digit on who was added first, and a reader of counters takes every fall for a
 * new beginning: where a sum falls by no more than that, the one before is shown again.
 */
export function noLower(before: MetricFamily, now: MetricFamily): MetricFamily {
  const rows = new Map(rowsOf(before));
  for (const [labels, row] of rowsOf(now)) {
    const shown = rows.get(labels);
    if (shown?.length !== row.length) continue;
    for (const [at, value] of row.entries()) {
      const fall = shown[at]! - value;
      if (fall > 0 && fall <= ROUNDING * Math.abs(value)) row[at] = shown[at]!;
    }
  }
  return now;
}
