import { SequentialDetector } from './sequential-detector.js';
import { wilson } from './wilson.js';

/** Fewer rows of a slice say nothing of it. */
const LEAST_OF_A_SLICE = 30;
/** So many of the worst slices are told. */
const TOLD_SLICES = 30;
const CALIBRATION_BINS = 10;
/** An interval of a mean error comes from so many resamples. */
const RESAMPLES = 500;
/** Errors are looked at after so many labels. */
const BLOCK = 25;

/** A prediction whose truth is known. */
export interface Answered {
  /** The place of the predicted class among the version's classes, or the number. */
  readonly predicted: number;
  /** The same of what came true. */
  readonly truth: number;
  /** The probability of the last class; null where the version tells none. */
  readonly score: number | null;
  /** The parts of all rows that it belongs to, by names as `salary = low`. */
  readonly slices: readonly string[];
  /** When the truth arrived, in milliseconds since 1970. */
  readonly time: number;
}

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

/** Whether there are more errors than the training has left, as told label by label. */
export interface ErrorWatch {
  readonly status: 'ok' | 'more_errors' | 'insufficient_data';
  /** When the labels arrived since which there are more; in milliseconds since 1970. */
  readonly since: number | null;
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

/** What the training's own hold-out had: the share of right answers of so many rows. */
export interface HoldoutAccuracy {
  readonly accuracy: number;
  readonly rows: number;
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
    metric: { name: 'mean_absolute_error', value: mean(errors), ...bootstrap(errors) },
    confusion: null,
    calibration: null,
    slices: slicesOf(rows, errorOf, -1),
    errors: { status: 'insufficient_data', since: null },
  };
}

const isRight = ({ predicted, truth }: Answered): boolean => predicted === truth;
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

function watchErrors(rows: readonly Answered[], holdout: HoldoutAccuracy | undefined): ErrorWatch {
  if (holdout === undefined || rows.length < BLOCK) return { status: 'insufficient_data', since: null };
  const right = holdout.accuracy * holdout.rows;
  const detector = new SequentialDetector([right, holdout.rows - right], { watchesRiseOfLast: true });
  let since: number | null = null;
  for (let from = 0; from + BLOCK <= rows.length; from += BLOCK) {
    const block = rows.slice(from, from + BLOCK);
    const errors = block.filter((row) => !isRight(row)).length;
    const isAlarm = detector.add([BLOCK - errors, errors]);
    if (!isAlarm) since = null;
    else since ??= rows[Math.max(0, from + BLOCK - detector.rowsSinceChange)]!.time;
  }
  return { status: since === null ? 'ok' : 'more_errors', since };
}

/** The 2.5 % and 97.5 % of means of resamples; the same for the same numbers. */
function bootstrap(values: readonly number[]): { readonly low: number; readonly high: number } {
  const random = numbersBelow(values.length);
  const means = Array.from({ length: RESAMPLES }, () => {
    let sum = 0;
    for (let drawn = 0; drawn < values.length; drawn++) sum += values[random()]!;
    return sum / values.length;
  }).toSorted((one, other) => one - other);
  return { low: means[Math.floor(0.025 * RESAMPLES)]!, high: means[Math.ceil(0.975 * RESAMPLES) - 1]! };
}

/** Whole numbers from 0 to `count` - 1, from one seed (mulberry32). */
function numbersBelow(count: number): () => number {
  let state = 1;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * count);
  };
}
