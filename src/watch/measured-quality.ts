import { type Answered, isRight } from './answered.js';
import { bootstrapMean } from './bootstrap.js';
import { type ErrorWatch, type HoldoutAccuracy, watchErrors } from './error-watch.js';
import { wilson } from './wilson.js';

/** Fewer rows of a slice say nothing of it. */
const LEAST_OF_A_SLICE = 30;
/** So many of the worst slices are told. */
const TOLD_SLICES = 30;
const CALIBRATION_BINS = 10;

/** A figure, and where it lies in 95 % of cases. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

export interface SliceQuality {
  readonly name: string;
  readonly rows: number;
  readonly value: number;
}

export interface CalibrationBin {
  readonly from: number;
  readonly to: number;
  readonly rows: number;
  readonly predicted: number;
  readonly observed: number;
}

export interface MeasuredQuality {
  readonly rows: number;
  readonly metric: Figure;
  /** Rows by truth, and in each by what was predicted, in the order of the classes; null for numbers. */
  readonly confusion: readonly (readonly number[])[] | null;
  /** Of the last class, in tenths; null where the version tells no probabilities. */
  readonly calibration: readonly CalibrationBin[] | null;
  /** Those of at least 30 rows, the worst first. */
  readonly slices: readonly SliceQuality[];
  readonly errors: ErrorWatch;
}

/**
 * The quality of a classifier on predictions whose truth has come, oldest first.
 * @param rows at least one
 * @param holdout without it no errors are watched
 */
export function qualityOfClasses(
  rows: readonly Answered[],
  classes: number,
  holdout: HoldoutAccuracy | undefined,
): MeasuredQuality {
  const confusion = Array.from({ length: classes }, () => Array.from({ length: classes }, () => 0));
  for (const { truth, predicted } of rows) confusion[truth]![predicted]!++;
  const right = rows.filter(isRight).length;
  return {
    rows: rows.length,
    metric: { name: 'accuracy', value: right / rows.length, ...wilson(right, rows.length) },
    confusion,
    calibration: calibration(rows, classes - 1),
    slices: slicesOf(rows, (row) => Number(isRight(row)), 1),
    errors: watchErrors(rows, holdout),
  };
}

/** The quality of a model that answers numbers, by its mean absolute error. @param rows at least one */
export function qualityOfNumbers(rows: readonly Answered[]): MeasuredQuality {
  const errors = rows.map(errorOf);
  return {
    rows: rows.length,
    metric: { name: 'mean_absolute_error', value: mean(errors), ...bootstrapMean(errors) },
    confusion: null,
    calibration: null,
    slices: slicesOf(rows, errorOf, -1),
    errors: { status: 'insufficient_data', since: null },
  };
}

const errorOf = ({ predicted, truth }: Answered): number => Math.abs(predicted - truth);
const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

function calibration(rows: readonly Answered[], last: number): CalibrationBin[] | null {
  const scored = rows.filter(({ score }) => score !== null);
  if (scored.length === 0) return null;
  const bins = Map.groupBy(scored, ({ score }) =>
    Math.min(CALIBRATION_BINS - 1, Math.floor(score! * CALIBRATION_BINS)),
  );
  return [...bins]
    .toSorted(([one], [other]) => one - other)
    .map(([bin, some]) => ({
      from: bin / CALIBRATION_BINS,
      to: (bin + 1) / CALIBRATION_BINS,
      rows: some.length,
      predicted: mean(some.map(({ score }) => score!)),
      observed: some.filter(({ truth }) => truth === last).length / some.length,
    }));
}

/** @param better 1 where more is better, -1 where less is */
function slicesOf(
  rows: readonly Answered[],
  figure: (row: Answered) => number,
  better: 1 | -1,
): SliceQuality[] {
  const sums = new Map<string, { rows: number; sum: number }>();
  for (const row of rows)
    for (const name of row.slices) {
      const sum = sums.get(name) ?? { rows: 0, sum: 0 };
      sum.rows++;
      sum.sum += figure(row);
      sums.set(name, sum);
    }
  return [...sums]
    .filter(([, slice]) => slice.rows >= LEAST_OF_A_SLICE && slice.rows < rows.length)
    .map(([name, slice]) => ({ name, rows: slice.rows, value: slice.sum / slice.rows }))
    .toSorted((one, other) => better * (one.value - other.value))
    .slice(0, TOLD_SLICES);
}
