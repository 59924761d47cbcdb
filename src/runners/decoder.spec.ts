import type { DecisionSpec, Manifest } from '../artifacts/manifest.js';
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
