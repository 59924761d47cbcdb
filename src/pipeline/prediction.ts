import type { Place, Row } from '../inputs/input-check.js';
import type { Outcome } from '../runners/outcome.js';

/** Most rows of one call. The doors refuse more, and the lanes are made for as many. */
export const MAX_ROWS = 10_000;

/** A recorded prediction. */
export interface Prediction {
  /** UUIDv7; the record in the prediction log carries the same. */
  readonly id: string;
  /** Made when it is asked for. */
  readonly outcome: Outcome;
  /** The prediction of the outcome, which need not be made for it. */
  readonly prediction: Outcome['prediction'];
  /** The JSON text that a typed route answers; made when it is asked for, because other doors never ask. */
  text(): string;
}

/** Seconds that a call spent: before its first run, in all of its runs, and for its record. */
export interface CallTimes {
  readonly queue: number;
  readonly run: number;
  readonly record: number;
}

/**
 * What a door makes of the predictions of one call. It is told by calls, in the order of the rows, and need not keep
 * anything of a prediction.
 */
export interface Reply {
  /** Begins; begins anew where calls that shared a run are run again one by one. */
  begin(rows: number): void;
  add(prediction: Prediction): void;
  /** Every row is recorded. */
  end(times: CallTimes): void;
  /** Nothing of the call is recorded, and nothing of it may be given out. */
  fail(error: unknown): void;
}

/** Who asked, and by which door. */
export interface Caller {
  readonly requestId: string;
  /** Route template, e.g. `/models/:model/predict`. */
  readonly route: string;
  /** Null until callers authenticate. */
  readonly principal: string | null;
  /** Until when the answer is worth having, on the monotonic clock, in milliseconds. */
  readonly deadline: number;
  /** Whether nobody waits for the answer any more. */
  gone(): boolean;
  /** Takes so many rows from what he may ask for, if that is bounded. */
  pay(rows: number): void;
}

/** A call on its way: rows that were checked, who sent them, and the reply that waits. */
export interface Call {
  /** Where several runs take them, those that are recorded are given up. */
  readonly rows: readonly Row[];
  readonly caller: Caller;
  readonly reply: Reply;
  /** Where in the request a fault of a row stands. */
  readonly place: Place;
  /** On the monotonic clock, in milliseconds. */
  readonly accepted: number;
}
