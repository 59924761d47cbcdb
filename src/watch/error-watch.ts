import { type Answered, isRight } from './answered.js';
import { SequentialDetector } from './sequential-detector.js';

/** Errors are looked at after so many labels. */
const BLOCK = 25;

/** Whether there are more errors than the training has left, as told label by label. */
export interface ErrorWatch {
  readonly status: 'ok' | 'more_errors' | 'insufficient_data';
  /** When the labels arrived since which there are more; in milliseconds since 1970. */
  readonly since: number | null;
}

/** What the training's own hold-out had: the share of right answers of so many rows. */
export interface HoldoutAccuracy {
  readonly accuracy: number;
  readonly rows: number;
}

/** Looks at the errors among rows, oldest first. @param holdout without it nothing is said */
export function watchErrors(rows: readonly Answered[], holdout: HoldoutAccuracy | undefined): ErrorWatch {
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
