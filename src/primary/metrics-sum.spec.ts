import type { MetricFamily } from '../observability/metric-family.js';
import { MetricsSum } from './metrics-sum.js';

type Rows = Readonly<Record<string, number | readonly number[]>>;

function family(description: Partial<MetricFamily>, rows: Rows): MetricFamily {
  return {
    name: 'c_total',
    help: 'what',
    type: 'counter',
    aggregator: 'sum',
    ...description,
    labels: Object.keys(rows),
    values: Float64Array.from(Object.values(rows).flat()),
  };
}

const counter = (rows: Rows): MetricFamily => family({}, rows);
const gauge = (aggregator: MetricFamily['aggregator'], rows: Rows): MetricFamily =>
  family({ name: 'g', type: 'gauge', aggregator }, rows);
const histogram = (rows: Rows): MetricFamily =>
  family({ name: 'h', type: 'histogram', buckets: [1, 2] }, rows);
/** Counts of versions, which go on under the version `gone`. */
const versions = (rows: Rows): MetricFamily => family({ endsBy: 'version' }, rows);

/** The series of the one metric that there is, each with its value, or its row. */
function shown(sum: MetricsSum, first = 1): Record<string, number | number[]> {
  const [{ labels, values } = counter({})] = sum.families(first);
  const width = values.length / labels.length;
  const rows = labels.map((_, index) => Array.from(values.subarray(index * width, (index + 1) * width)));
  return Object.fromEntries(
    labels.map((each, index) => [each, width === 1 ? rows[index]![0]! : rows[index]!]),
  );
}

describe('counters and histograms of several processes', () => {
  it('are added by their labels, whatever stands in these', () => {
    const sum = new MetricsSum();
    const strange = 'a="\\"b\\n\\\\",c="{,}"';
    sum.take(1, [counter({ 'a="x"': 1, [strange]: 2 })]);
    sum.take(2, [counter({ [strange]: 3, '': 4 })]);

    expect(shown(sum)).toEqual({ 'a="x"': 1, [strange]: 5, '': 4 });
  });

  it('are added bucket by bucket', () => {
    const sum = new MetricsSum();
    sum.take(1, [histogram({ 'a="x"': [1, 2, 4.5, 3] })]);
    sum.take(2, [histogram({ 'a="x"': [0, 1, 2.5, 2], 'a="y"': [1, 0, 0.5, 1] })]);

    expect(shown(sum)).toEqual({ 'a="x"': [1, 3, 7, 5], 'a="y"': [1, 0, 0.5, 1] });
  });

  it('are added where a process has used none and so does not know the buckets', () => {
    const sum = new MetricsSum();
    sum.take(1, [family({ name: 'h', type: 'histogram', buckets: [] }, {})]);
    sum.take(2, [histogram({ 'a="x"': [0, 1, 2.5, 2] })]);

    expect(shown(sum)).toEqual({ 'a="x"': [0, 1, 2.5, 2] });
    expect(sum.families(1)[0]!.buckets).toEqual([1, 2]);
  });

  it('keep what a process has told that is silent', () => {
    const sum = new MetricsSum();
    sum.take(1, [counter({ '': 5 })]);
    sum.take(2, [counter({ '': 1 })]);
    sum.take(2, [counter({ '': 2 })]);

    expect(shown(sum)).toEqual({ '': 7 });
  });

  it('keep what a process has counted that has ended, beside what its replacement counts', () => {
    const sum = new MetricsSum();
    sum.take(1, [counter({ '': 5 }), histogram({ '': [1, 0, 0.5, 1] })]);
    sum.end(1);
    sum.take(2, [counter({ '': 2 }), histogram({ '': [1, 1, 2, 2] })]);
    sum.end(2);
    sum.end(3);

    expect(sum.families(1).map(({ name, labels, values }) => [name, labels, [...values]])).toEqual([
      ['c_total', [''], [7]],
      ['h', [''], [2, 1, 2.5, 3]],
    ]);
  });

  it('keep what a process has counted that counts anew, or has the series no more', () => {
    const sum = new MetricsSum();
    sum.take(1, [counter({ 'a="x"': 5, 'a="y"': 1 })]);
    sum.take(1, [counter({ 'a="x"': 2 })]);

    expect(shown(sum)).toEqual({ 'a="x"': 7, 'a="y"': 1 });
  });

  it('never fall by their last digit when those who are added come in another order', () => {
    const sum = new MetricsSum();
    for (const [process, value] of [0.1, 0.2, 0.3].entries()) sum.take(process + 1, [counter({ '': value })]);
    const before = shown(sum, 1)['']!;
    expect(0.3 + 0.2 + 0.1).toBeLessThan(before as number);

    sum.end(1);
    sum.end(2);
    expect(shown(sum, 3)['']).toBe(before);
    sum.take(3, [counter({ '': 0.4 })]);
    expect(shown(sum, 3)['']).toBeCloseTo(0.7, 12);
  });
});

describe('what versions have counted who are served no more', () => {
  const ONE = 'model="m",version="1",class="a"';
  const TWO = 'model="m",version="2",class="a"';
  const GONE = 'model="m",version="gone",class="a"';

  it('stands under `gone` when no process has the version, and neither falls while one still has it', () => {
    const sum = new MetricsSum();
    sum.take(1, [versions({ [ONE]: 10 })]);
    sum.take(2, [versions({ [ONE]: 20 })]);
    // The first has taken the second version; its last call of the first one was not told yet.
    sum.take(1, [versions({ [TWO]: 1, [GONE]: 11 })]);
    expect(shown(sum)).toEqual({ [TWO]: 1, [GONE]: 1, [ONE]: 30 });

    sum.take(2, [versions({ [ONE]: 22 })]);
    expect(shown(sum)).toEqual({ [TWO]: 1, [GONE]: 1, [ONE]: 32 });

    sum.take(2, [versions({ [TWO]: 0, [GONE]: 22 })]);
    expect(shown(sum)).toEqual({ [TWO]: 1, [GONE]: 33 });
  });

  it('has with it what a process has counted that had ended before', () => {
    const sum = new MetricsSum();
    sum.take(1, [versions({ [ONE]: 10 })]);
    sum.take(2, [versions({ [ONE]: 20 })]);
    sum.end(1);
    sum.take(3, [versions({ [ONE]: 5 })]);
    sum.take(3, [versions({ [GONE]: 5 })]);
    expect(shown(sum)).toEqual({ [GONE]: 0, [ONE]: 35 });

    sum.take(2, [versions({ [GONE]: 20 })]);
    expect(shown(sum)).toEqual({ [GONE]: 35 });
  });

  it('is counted once where a process has let the version go and ends', () => {
    const sum = new MetricsSum();
    sum.take(1, [versions({ [ONE]: 10 })]);
    sum.take(2, [versions({ [ONE]: 20 })]);
    sum.take(1, [versions({ [GONE]: 10 })]);
    sum.end(1);
    expect(shown(sum)).toEqual({ [ONE]: 30, [GONE]: 0 });

    sum.take(2, [versions({ [GONE]: 20 })]);
    expect(shown(sum)).toEqual({ [GONE]: 30 });
  });

  it('is counted once where a version goes and comes back between two tellings', () => {
    const sum = new MetricsSum();
    sum.take(1, [versions({ [ONE]: 10 })]);
    sum.take(1, [versions({ [ONE]: 1, [GONE]: 10 })]);

    expect(shown(sum)).toEqual({ [ONE]: 11, [GONE]: 0 });
  });
});

describe('gauges of several processes', () => {
  it.each([
    ['sum', { 'a="x"': 4, 'a="y"': 2 }],
    ['min', { 'a="x"': 1, 'a="y"': 2 }],
    ['max', { 'a="x"': 3, 'a="y"': 2 }],
    ['first', { 'a="x"': 3 }],
  ] as const)('are shown by their %s', (aggregator, expected) => {
    const sum = new MetricsSum();
    sum.take(1, [gauge(aggregator, { 'a="x"': 1, 'a="y"': 2 })]);
    sum.take(2, [gauge(aggregator, { 'a="x"': 3 })]);

    expect(shown(sum, 2)).toEqual(expected);
  });

  it('are that of another process where the first has none', () => {
    const sum = new MetricsSum();
    sum.take(1, [gauge('first', { 'a="x"': 1 })]);
    sum.take(2, [gauge('first', {})]);

    expect(shown(sum, 2)).toEqual({ 'a="x"': 1 });
  });

  it('go with their process, and stay while it tells only what it has counted', () => {
    const sum = new MetricsSum();
    sum.take(1, [gauge('sum', { '': 1 })]);
    sum.take(2, [gauge('sum', { '': 2 })]);
    sum.take(2, []);
    expect(shown(sum)).toEqual({ '': 3 });

    sum.end(2);
    expect(shown(sum)).toEqual({ '': 1 });
  });

  it('may be what is no number', () => {
    const sum = new MetricsSum();
    sum.take(1, [gauge('max', { 'a="x"': NaN, 'a="y"': -Infinity, 'a="z"': 1 })]);
    sum.take(2, [gauge('max', { 'a="x"': 1, 'a="y"': -Infinity, 'a="z"': Infinity })]);

    expect(shown(sum)).toEqual({ 'a="x"': NaN, 'a="y"': -Infinity, 'a="z"': Infinity });
  });
});
