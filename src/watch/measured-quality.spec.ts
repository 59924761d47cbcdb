import type { Answered } from './answered.js';
import { qualityOfClasses, qualityOfNumbers } from './measured-quality.js';

const row = (predicted: number, truth: number, more: Partial<Answered> = {}): Answered => ({
  predicted,
  truth,
  score: null,
  slices: [],
  time: 0,
  ...more,
});
const repeated = (count: number, one: (place: number) => Answered): Answered[] =>
  Array.from({ length: count }, (_, place) => one(place));
const HOLDOUT = { accuracy: 0.9, rows: 2_000 };
/** A tenth of wrong answers, evenly. */
const asTrained = (count: number): Answered[] =>
  repeated(count, (place) => row(1, place % 10 === 0 ? 0 : 1, { time: place }));

describe(qualityOfClasses.name, () => {
  it('counts by truth and prediction, and gives accuracy with its interval', () => {
    const rows = [
      ...repeated(70, () => row(0, 0)),
      ...repeated(20, () => row(1, 0)),
      ...repeated(10, () => row(1, 1)),
    ];
    const { metric, ...found } = qualityOfClasses(rows, 2, undefined);
    expect(found).toEqual({
      rows: 100,
      confusion: [
        [70, 20],
        [0, 10],
      ],
      calibration: null,
      slices: [],
      errors: { status: 'insufficient_data', since: null },
    });
    expect(metric).toMatchObject({ name: 'accuracy', value: 0.8 });
    expect(metric.low).toBeCloseTo(0.7112, 4);
    expect(metric.high).toBeCloseTo(0.8666, 4);
  });

  it('compares the probability of the last class with what came true, in tenths that have rows', () => {
    const rows = [
      row(0, 0, { score: 0.02 }),
      row(0, 1, { score: 0.06 }),
      row(1, 1, { score: 1 }),
      row(1, 1, { score: 0.95 }),
      row(1, 0, { score: null }),
    ];
    expect(qualityOfClasses(rows, 2, undefined).calibration).toEqual([
      { from: 0, to: 0.1, rows: 2, predicted: 0.04, observed: 0.5 },
      { from: 0.9, to: 1, rows: 2, predicted: 0.975, observed: 1 },
    ]);
  });

  it('tells slices of enough rows, the worst first', () => {
    const slice = (name: string, count: number, wrong: number): Answered[] =>
      repeated(count, (place) => row(0, place < wrong ? 1 : 0, { slices: ['all', name] }));
    const rows = [...slice('few', 29, 29), ...slice('good', 50, 0), ...slice('bad', 40, 30)];
    expect(qualityOfClasses(rows, 2, undefined).slices).toEqual([
      { name: 'bad', rows: 40, value: 0.25 },
      { name: 'good', rows: 50, value: 1 },
    ]);
  });

  it('watches errors label by label, and says since when there are more', () => {
    expect(qualityOfClasses(asTrained(24), 2, HOLDOUT).errors.status).toBe('insufficient_data');
    expect(qualityOfClasses(asTrained(10_000), 2, HOLDOUT).errors).toEqual({ status: 'ok', since: null });
    const worse = repeated(1_000, (place) => row(1, place % 4 === 0 ? 0 : 1, { time: 2_000 + place }));
    const { status, since } = qualityOfClasses([...asTrained(2_000), ...worse], 2, HOLDOUT).errors;
    expect(status).toBe('more_errors');
    expect(Math.abs(since! - 2_000)).toBeLessThanOrEqual(150);
  });

  it('finds fewer errors than the training had no alarm', () => {
    const better = repeated(5_000, () => row(1, 1));
    expect(qualityOfClasses(better, 2, HOLDOUT).errors.status).toBe('ok');
  });
});

describe(qualityOfNumbers.name, () => {
  it('is the mean absolute error with its interval, and its slices, the worst first', () => {
    const rows = repeated(1_000, (place) => row(10, 10 + (place % 5), { slices: [`rest ${place % 5}`] }));
    const { metric, ...found } = qualityOfNumbers(rows);
    expect(metric).toMatchObject({ name: 'mean_absolute_error', value: 2 });
    // By the normal approximation 2 ± 0.088.
    expect(metric.low).toBeGreaterThan(1.88);
    expect(metric.low).toBeLessThan(1.95);
    expect(metric.high).toBeGreaterThan(2.05);
    expect(metric.high).toBeLessThan(2.12);
    expect(found.slices.map(({ name, value }) => [name, value])).toEqual(
      [4, 3, 2, 1, 0].map((rest) => [`rest ${rest}`, rest]),
    );
    expect(qualityOfNumbers(rows).metric).toEqual(metric);
  });
});
