import type { Outcome } from '../inference/decoder.js';

/** A recorded prediction. */
export interface Prediction {
  /** UUIDv7; the record in the prediction log carries the same. */
  readonly id: string;
  readonly outcome: Outcome;
  /** The text of the whole answer of a typed route; made once, because record and answer share most of it. */
  readonly json: string;
}

/** Who asked, and by which door: what a record needs to know of a request. */
export interface Caller {
  readonly requestId: string;
  /** Route template, e.g. `/models/:model/predict`. */
  readonly route: string;
  /** Null until callers authenticate. */
  readonly principal: string | null;
}
