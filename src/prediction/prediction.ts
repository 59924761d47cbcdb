import type { Outcome } from '../inference/decoder.js';
import type { Warning } from '../inputs/training-range.js';

/** One prediction as the typed routes answer it. */
export interface Prediction extends Outcome {
  /** UUIDv7; the record in the prediction log carries the same. */
  readonly prediction_id: string;
  readonly model: string;
  readonly version: string;
  readonly warnings?: readonly Warning[];
}

/** Who asked, and by which door: what a record needs to know of a request. */
export interface Caller {
  readonly requestId: string;
  /** Route template, e.g. `/models/:model/predict`. */
  readonly route: string;
  /** Null until callers authenticate. */
  readonly principal: string | null;
}
