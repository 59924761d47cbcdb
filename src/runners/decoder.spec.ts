import type { DecisionSpec, Manifest, TargetSpec } from '../artifacts/manifest.js';
import { Decoder } from './decoder.js';

const classes = ['a', 'b', 'c'].map((label, value) => ({ value, label }));
const NOT_FINITE = [Number.NaN, Infinity, -Infinity];
const decoder = (decision: DecisionSpec, count = 3): Decoder =>
  new Decoder({ decision, ...(count > 0 && { classes: classes.slice(0, count) }) } as unknown as Manifest);

describe('sigmoid', () => {
  const sigmoid = (precision: 'FP64' | 'FP32'): Decoder =>
    decoder({ kind: 'sigmoid', output: 'raw', precision }, 2);

  it.each([
    [2, 'b', 1 / (1 + Math.exp(-2))],
    [-2, 'a', 1 / (1 + Math.exp(2))],
    [0, 'a', 0.5],
    [-1000, 'a', 0],
    [1000, 'b', 1],
  ])('of %d is %s', (raw, label, positive) => {
    expect(sigmoid('FP64').decide({ raw: new Float64Array([9, raw]) }, 1)).toMatchObject({
      outcome: { label, probabilities: { a: 1 - positive, b: positive } },
      score: positive,
      raw: [raw],
    });
  });

  it('rounds to float32 before it compares, where the estimator does', () => {
    const raw = new Float64Array([1e-9]);

    expect(sigmoid('FP64').decide({ raw }, 0).outcome.label).toBe('b');
    expect(sigmoid('FP32').decide({ raw }, 0).outcome.label).toBe('a');
  });

  it.each(NOT_FINITE)('of %d is no answer', (raw) => {
    expect(() => sigmoid('FP64').decide({ raw: new Float64Array([raw]) }, 0)).toThrow('not finite');
  });

  it('is refused for three classes', () => {
    expect(() => decoder({ kind: 'sigmoid', output: 'raw', precision: 'FP64' }, 3)).toThrow(
      'needs two classes',
    );
  });
});

describe('softmax', () => {
  const softmax = decoder({ kind: 'softmax', output: 'raw', precision: 'FP64' });

  it('reads the row that is asked for, and its largest share is the score', () => {
    const raw = new Float64Array([9, 9, 9, 0, Math.log(3), 0]);
    const { outcome, score, classIndex } = softmax.decide({ raw }, 1);

    expect(outcome).toMatchObject({ prediction: 1, label: 'b' });
    expect(classIndex).toBe(1);
    expect(score).toBeCloseTo(0.6, 15);
  });

  it('does not overflow', () => {
    const { outcome } = softmax.decide({ raw: new Float64Array([1e300, 0, -1e300]) }, 0);

    expect(outcome.probabilities).toEqual({ a: 1, b: 0, c: 0 });
  });

  it('takes the first of equals', () => {
    expect(softmax.decide({ raw: new Float64Array([1, 1, 1]) }, 0).outcome.label).toBe('a');
  });

  const byRaw = decoder({ kind: 'softmax', output: 'raw', precision: 'FP32', argmax: 'raw' });

  it.each(NOT_FINITE)('of a score of %d is no answer, whichever decides', (score) => {
    for (const raw of [
      [score, 1, 1],
      [1, 1, score],
      [score, score, score],
    ]) {
      expect(() => softmax.decide({ raw: new Float64Array(raw) }, 0)).toThrow('not finite');
      expect(() => byRaw.decide({ raw: new Float64Array(raw) }, 0)).toThrow('not finite');
    }
  });
});

describe('labelled', () => {
  const labelled = decoder({ kind: 'labelled', label: 'label', probabilities: 'p' });
  const outputs = { label: new BigInt64Array([2n]), p: new Float64Array([0.5, 0.3, 0.2]) };

  it('takes the label of the graph, also where another class has the largest share', () => {
    expect(labelled.decide(outputs, 0).outcome).toEqual({
      prediction: 2,
      label: 'c',
      probabilities: { a: 0.5, b: 0.3, c: 0.2 },
    });
  });

  it.each(NOT_FINITE)('refuses a probability of %d', (share) => {
    const p = new Float64Array([0.5, share, 0.5]);

    expect(() => labelled.decide({ ...outputs, p }, 0)).toThrow('not finite');
  });

  it('refuses a class that the manifest does not know', () => {
    for (const label of [new BigInt64Array([7n]), new Float64Array([Number.NaN])]) {
      expect(() => labelled.decide({ ...outputs, label }, 0)).toThrow(
        'a class that the manifest does not know',
      );
    }
  });
});

describe('value', () => {
  const value = decoder({ kind: 'value', output: 'value' }, 0);

  it('is the prediction alone', () => {
    expect(value.decide({ value: new Float32Array([1.5]) }, 0)).toMatchObject({
      outcome: { prediction: 1.5 },
      classIndex: -1,
      score: 1.5,
      raw: [1.5],
      probabilities: [],
    });
  });

  it.each(NOT_FINITE)('%d is no answer', (answer) => {
    expect(() => value.decide({ value: new Float64Array([answer]) }, 0)).toThrow('not finite');
  });
});

describe('margin', () => {
  it.each([
    [5e-324, 'b'],
    [0, 'a'],
    [-1, 'a'],
  ])('of %d is %s, with two classes', (raw, label) => {
    expect(
      decoder({ kind: 'margin', output: 'raw' }, 2).decide({ raw: new Float64Array([9, raw]) }, 1),
    ).toMatchObject({
      outcome: { prediction: label === 'b' ? 1 : 0, label },
      openText: `{"prediction":${label === 'b' ? 1 : 0},"label":"${label}"`,
      score: raw,
      raw: [raw],
      probabilities: [],
    });
  });

  it('takes the first maximum of more', () => {
    const margin = decoder({ kind: 'margin', output: 'raw' });
    expect(margin.decide({ raw: new Float64Array([-2, 3, 3]) }, 0)).toMatchObject({
      outcome: { prediction: 1, label: 'b' },
      score: 3,
    });
    expect(() => margin.decide({ raw: new Float64Array([0, NaN, 0]) }, 0)).toThrow('not finite');
  });
});

describe('a label alone', () => {
  it('has neither probabilities nor a score', () => {
    const alone = decoder({ kind: 'labelled', label: 'label' });
    const decided = alone.decide({ label: new BigInt64Array([0n, 2n]) }, 1);

    expect(alone.outputs).toEqual(['label']);
    expect(decided).toMatchObject({ outcome: { prediction: 2, label: 'c' }, raw: [], score: undefined });
    expect(decided.openText).toBe('{"prediction":2,"label":"c"');
  });
});

describe('anomaly', () => {
  const decision = { kind: 'anomaly', label: 'label', score: 'score', threshold: -0.5 } as const;
  const anomaly = new Decoder({
    decision,
    classes: [
      { value: -1, label: 'anomaly' },
      { value: 1, label: 'normal' },
    ],
  } as unknown as Manifest);
  const outputs = { label: new BigInt64Array([1n, -1n]), score: new Float64Array([-0.4, -0.6]) };

  it('has the label of the graph, its score and the threshold', () => {
    const decided = anomaly.decide(outputs, 1);
    const outcome = { prediction: -1, label: 'anomaly', anomaly: true, score: -0.6, threshold: -0.5 };

    expect(decided).toMatchObject({ outcome, score: -0.6, raw: [-0.6] });
    expect(`${decided.openText}}`).toBe(JSON.stringify(outcome));
    expect(anomaly.decide(outputs, 0).outcome).toMatchObject({ prediction: 1, anomaly: false });
  });

  it('is no answer with a score that is none', () => {
    expect(() => anomaly.decide({ ...outputs, score: new Float64Array([NaN]) }, 0)).toThrow('not finite');
  });
});

describe('cluster', () => {
  it('has its distances, and the nearest is watched', () => {
    const cluster = decoder({ kind: 'cluster', label: 'label', distances: 'd' });
    const decided = cluster.decide(
      { label: new Int32Array([0, 1]), d: new Float64Array([0, 9, 9, 3, 1, 2]) },
      1,
    );

    expect(decided).toMatchObject({
      outcome: { prediction: 1, label: 'b', distances: { a: 3, b: 1, c: 2 } },
      score: 1,
    });
    expect(decided.openText).toBe('{"prediction":1,"label":"b","distances":{"a":3,"b":1,"c":2}');
  });
});

describe('several targets', () => {
  const [no, yes] = [
    { value: 0, label: 'no' },
    { value: 1, label: 'yes' },
  ];
  const several = (decision: DecisionSpec, targets: readonly TargetSpec[]): Decoder =>
    new Decoder({ decision, targets } as unknown as Manifest);

  it('are each decided as if alone, of the second row too', () => {
    const labelled = several({ kind: 'labelled', label: 'l', probabilities: 'p' }, [
      { name: '10', classes: [no, yes] },
      { name: 'kind', classes },
    ]);
    const decided = labelled.decide(
      {
        l: new BigInt64Array([0n, 0n, 1n, 2n]),
        p: new Float64Array([1, 0, 1, 0, 0, 0.25, 0.75, 0.1, 0.2, 0.7]),
      },
      1,
    );
    const outcome = {
      prediction: { 10: 1, kind: 2 },
      label: { 10: 'yes', kind: 'c' },
      probabilities: { 10: { no: 0.25, yes: 0.75 }, kind: { a: 0.1, b: 0.2, c: 0.7 } },
    };

    expect(decided).toMatchObject({ outcome, score: undefined, classIndex: -1, raw: [] });
    expect(decided.prediction).toEqual(outcome.prediction);
    expect(`${decided.openText}}`).toBe(JSON.stringify(outcome));
    expect(decided.probabilities).toEqual([0.25, 0.75, 0.1, 0.2, 0.7]);
    expect(decided.targets).toMatchObject([{ classIndex: 1 }, { classIndex: 2 }]);
  });

  it.each<[DecisionSpec, number[], object]>([
    [{ kind: 'sigmoid', output: 'o', precision: 'FP64' }, [0, 800], { label: { x: 'no', y: 'yes' } }],
    [{ kind: 'softmax', output: 'o', precision: 'FP64' }, [1, 0, 0, 1], { label: { x: 'no', y: 'yes' } }],
    [{ kind: 'margin', output: 'o' }, [1, -1], { prediction: { x: 1, y: 0 }, label: { x: 'yes', y: 'no' } }],
  ])('have their own columns: %o', (decision, row, outcome) => {
    const targets = ['x', 'y'].map((name) => ({ name, classes: [no, yes] }));
    const decided = several(decision, targets).decide({ o: new Float64Array([...row, ...row]) }, 1);
    expect(decided).toMatchObject({ outcome, raw: row });
  });

  it('may be values', () => {
    const values = several({ kind: 'value', output: 'v' }, [{ name: 'height' }, { name: 'weight' }]);
    const decided = values.decide({ v: new Float64Array([0, 0, 1.5, -0]) }, 1);
    expect(decided).toMatchObject({ outcome: { prediction: { height: 1.5, weight: -0 } }, raw: [1.5, -0] });
    expect(decided.openText).toBe('{"prediction":{"height":1.5,"weight":0}');
    expect(() => values.decide({ v: new Float64Array([0, 0, 1, NaN]) }, 1)).toThrow(
      expect.objectContaining({ message: expect.stringContaining('not finite'), row: 1 }),
    );
  });
});
