import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Baseline } from '../artifacts/baseline.js';
import type { ClassSpec, InputSpec, Manifest } from '../artifacts/manifest.js';
import type { Row } from '../inputs/input-check.js';
import type { Decision } from '../runners/decoder.js';
import { TextSizes } from '../runners/text-sizes.js';
import { ARTIFACTS } from '../../test/support/artifacts.js';
import { BinCounter } from './bin-counter.js';

const CLASSES = [
  { value: 0, label: 'no' },
  { value: 1, label: 'yes' },
];
const decided = (classIndex: number, score?: number): Decision =>
  ({ classIndex, score }) as unknown as Decision;

function manifestOf(...inputs: Partial<InputSpec>[]): Manifest {
  return { model: 'm', version: '1', inputs, classes: CLASSES, tolerance: {} } as unknown as Manifest;
}

function counterOf(manifest: Manifest, file: object, texts: readonly TextSizes[] = []): BinCounter {
  const bytes = Buffer.from(JSON.stringify({ schema: 1, rows: 9, inputs: {}, ...file }));
  return new BinCounter(manifest, Baseline.parse(bytes, manifest), texts);
}

/** Counts rows as one batch. */
function count(counter: BinCounter, rows: readonly Row[], decisions?: readonly Decision[]): void {
  const marks = counter.begin(rows.length);
  counter.mark(marks, rows, decisions ?? rows.map(() => decided(0)));
  counter.add(marks);
}

/** Counts of a feature since the last time: its bins, then missing, then unseen. */
function taken(counter: BinCounter, name = 'x'): number[] {
  const { features } = counter.baseline;
  const { start, expected } = features.find((each) => each.name === name)!;
  const sums = new Float64Array(counter.baseline.cells);
  for (const { counts } of counter.take()) for (const [cell, each] of counts.entries()) sums[cell]! += each;
  return [...sums.subarray(start, start + expected.length + 2)];
}

const NUMERIC = { kind: 'numeric', edges: [1, 2, 4], counts: [2, 3, 2, 2], missing: 0 };

describe(BinCounter.name, () => {
  it('has an upper edge in the bin below it, as the Python package counts the training rows', () => {
    const counter = counterOf(manifestOf({ name: 'x', type: 'number' }), { inputs: { x: NUMERIC } });
    count(
      counter,
      [-1e9, 1, 1.000001, 2, 3, 4, 4.5, 1e300].map((x) => ({ x })),
    );

    expect(taken(counter)).toEqual([2, 2, 2, 2, 0, 0]);
  });

  it.each([1, 2, 3, 7, 8, 9, 15, 16])('finds the bin among %i edges', (edges) => {
    const x = {
      ...NUMERIC,
      edges: Array.from({ length: edges }, (_, edge) => edge),
      counts: Array.from({ length: edges + 1 }, () => 1),
    };
    const counter = counterOf(manifestOf({ name: 'x', type: 'number' }), { inputs: { x } });
    count(
      counter,
      Array.from({ length: edges + 1 }, (_, bin) => ({ x: bin - 0.5 })),
    );

    expect(taken(counter)).toEqual([...x.counts, 0, 0]);
  });

  it('counts what is missing apart: null, no field, and numbers that stand for a missing value', () => {
    const inputs = { x: NUMERIC };
    const plain = counterOf(manifestOf({ name: 'x', type: 'number' }), { inputs });
    const marked = counterOf(manifestOf({ name: 'x', type: 'number', missing_values: [0] }), { inputs });
    for (const counter of [plain, marked]) count(counter, [{ x: 0 }, { x: null }, {}, { x: 9 }]);

    expect(taken(plain)).toEqual([1, 0, 0, 1, 2, 0]);
    expect(taken(marked)).toEqual([0, 0, 0, 1, 3, 0]);
  });

  it('counts categories that the training rows did not have apart', () => {
    const x = { kind: 'category', values: ['a', 'b'], counts: [5, 4], missing: 0 };
    const counter = counterOf(manifestOf({ name: 'x', type: 'category' }), { inputs: { x } });
    count(counter, [{ x: 'b' }, { x: 'b' }, { x: 'c' }, { x: null }]);

    expect(taken(counter)).toEqual([0, 2, 1, 1]);
  });

  it('counts truth values and dates', () => {
    const counter = counterOf(manifestOf({ name: 'x', type: 'boolean' }, { name: 'day', type: 'datetime' }), {
      inputs: {
        x: { kind: 'category', values: [false, true], counts: [5, 4], missing: 0 },
        day: { ...NUMERIC, edges: [0, 86_400], counts: [3, 3, 3] },
      },
    });
    const rows = [{ x: true, day: '1970-01-01T12:00:00Z' }, { x: false }];
    count(counter, rows);
    const days = taken(counter, 'day');
    count(counter, rows);

    expect(days).toEqual([0, 1, 0, 1, 0]);
    expect(taken(counter)).toEqual([1, 1, 0, 0]);
  });

  it('counts texts by their length as Python has it, and by their tokens', () => {
    const sizes = new TextSizes('x');
    const [length, tokens] = [
      { edges: [2, 4], counts: [3, 3, 3] },
      { edges: [1, 2], counts: [3, 3, 3] },
    ];
    const x = { kind: 'text', length, tokens, unknown_share: 0.1 };
    const counter = counterOf(manifestOf({ name: 'x', type: 'text' }), { inputs: { x } }, [sizes]);
    sizes.set(0, 1, 0);
    sizes.set(1, 3, 2);
    count(counter, [{ x: '👍👍' }, { x: 'abcde' }]);
    const [block] = counter.take();

    const [ofLength, ofTokens] = counter.baseline.features;
    expect([...block!.counts.subarray(ofLength!.start, ofLength!.start + 3)]).toEqual([1, 0, 1]);
    expect([...block!.counts.subarray(ofTokens!.start, ofTokens!.start + 3)]).toEqual([1, 0, 1]);
    const { start } = ofTokens!.words!;
    expect([...block!.counts.subarray(start, start + 2)]).toEqual([4, 2]);
  });

  it('counts scores and classes', () => {
    const file = { score: { edges: [0.5], counts: [5, 4] }, classes: { no: 5, yes: 4 } };
    const counter = counterOf(manifestOf(), file);
    const decisions = [decided(1, 0.9), decided(1, 0.5), decided(0, 0.1)];
    count(counter, [{}, {}, {}], decisions);
    const scores = taken(counter, 'score');
    count(counter, [{}, {}, {}], decisions);

    expect(scores).toEqual([2, 1, 0, 0]);
    expect(taken(counter, 'class')).toEqual([1, 2, 0, 0]);
  });

  it('counts the class of each of several targets', () => {
    const targets = ['a', 'b'].map((name) => ({ name, classes: CLASSES }));
    const manifest = { ...manifestOf(), targets };
    const counter = counterOf(manifest, {
      targets: { a: { classes: { no: 5, yes: 4 } }, b: { classes: { no: 5, yes: 4 } } },
    });
    const decision = { classIndex: -1, targets: [{ classIndex: 0 }, { classIndex: 1 }] };
    count(counter, [{}], [decision as unknown as Decision]);

    expect(taken(counter, 'b')).toEqual([0, 1, 0, 0]);
  });

  it('counts the rows of a real model as a search from the front does', () => {
    const folder = join(ARTIFACTS, 'turnover', '1');
    const manifest = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')) as Manifest;
    const baseline = Baseline.parse(readFileSync(join(folder, 'baseline.json')), manifest);
    const counter = new BinCounter(manifest, baseline);
    const rows = readFileSync(join(folder, 'holdout.ndjson'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { inputs: Row }).inputs);
    count(
      counter,
      rows,
      rows.map(() => decided(0, 0)),
    );

    const counts = new Float64Array(baseline.cells);
    for (const { counts: each } of counter.take())
      for (const [cell, rowsOfCell] of each.entries()) counts[cell]! += rowsOfCell;
    for (const { name, edges, values, start, expected } of baseline.features.filter(
      ({ kind }) => kind === 'input',
    )) {
      const found = expected.map(() => 0);
      for (const row of rows) {
        const value = row[name]!;
        const bin = values?.indexOf(value) ?? edges!.findIndex((edge) => Number(value) <= edge);
        found[bin === -1 ? expected.length - 1 : bin]!++;
      }
      expect([...counts.subarray(start, start + expected.length)], name).toEqual(found);
    }
  });

  it('keeps blocks of 25 rows in order, and neighbours together where more come than it keeps', () => {
    const counter = counterOf(manifestOf({ name: 'x', type: 'number' }), { inputs: { x: NUMERIC } });
    count(
      counter,
      Array.from({ length: 60 }, (_, row) => ({ x: row < 25 ? 0 : 9 })),
    );
    const blocks = counter.take();
    count(
      counter,
      Array.from({ length: 100_000 }, (_, row) => ({ x: row })),
    );
    const many = counter.take();

    expect(blocks.map(({ rows, counts }) => [rows, counts[0], counts[3]])).toEqual([
      [25, 25, 0],
      [25, 0, 25],
      [10, 0, 10],
    ]);
    expect(many.length).toBeLessThanOrEqual(32);
    expect(many.reduce((sum, { rows }) => sum + rows, 0)).toBe(100_000);
    expect(many.reduce((sum, { counts }) => sum + counts[3]!, 0)).toBe(100_000 - 5);
    expect(counter.take()).toEqual([]);
  });

  it('sums up how sure answers are, and the variance of that, where the model tells probabilities', () => {
    const sums = (classes: readonly ClassSpec[], ...decisions: Decision[]): number[] => {
      const manifest: Manifest = { ...manifestOf(), classes, tolerance: { probability: 1e-9 } };
      const counter = counterOf(manifest, { classes: { no: 5, yes: 4 } });
      count(
        counter,
        decisions.map(() => ({})),
        decisions,
      );
      const { confidence, cells } = counter.baseline;
      expect(confidence).toBe(cells - 2);
      return Array.from(counter.take()[0]!.counts.subarray(confidence));
    };
    expect(sums(CLASSES, decided(1, 0.9), decided(0, 0.4))).toEqual([1_500_000, 330_000]);
    const three = [...CLASSES, { value: 2, label: 'maybe' }];
    expect(sums(three, decided(0, 0.5), decided(2, 0.7))).toEqual([1_200_000, 460_000]);
    expect(counterOf(manifestOf(), {}).baseline.confidence).toBeUndefined();
  });

  it('counts no row of a batch that was not recorded', () => {
    const counter = counterOf(manifestOf({ name: 'x', type: 'number' }), { inputs: { x: NUMERIC } });
    const marks = counter.begin(1);
    counter.mark(marks, [{ x: 0 }], [decided(0)]);
    counter.drop(marks);
    count(counter, [{ x: 9 }]);

    expect(taken(counter)).toEqual([0, 0, 0, 1, 0, 0]);
  });
});

describe(Baseline.name, () => {
  it('has nothing of an input that it does not name, whatever that is called', () => {
    const { baseline } = counterOf(manifestOf({ name: 'constructor', type: 'number' }), {});

    expect(baseline.features).toEqual([]);
  });

  it.each([
    [{ inputs: { x: { ...NUMERIC, counts: [1] } } }, 'baseline.json: "x" has 1 counts for 4 bins'],
    [{ inputs: { x: { ...NUMERIC, edges: [1, 4, 2] } } }, 'baseline.json: the edges of "x" do not ascend'],
    [{ rows: -1 }, 'baseline.json/rows: must be >= 0'],
  ])('refuses %j', (file, reason) => {
    expect(() => counterOf(manifestOf({ name: 'x', type: 'number' }), file)).toThrow(reason);
  });
});
