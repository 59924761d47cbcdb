import type { Outcome } from '../inference/decoder.js';

/** A recorded prediction. */
export interface Prediction {
  /** UUIDv7; the record in the prediction log carries the same. */
  readonly id: string;
  readonly outcome: Outcome;
  /** The text of the whole answer of a typed route; made once, because record and answer share most of it. */
  readonly json: string;
}

/** What one door makes of the predictions of a request. They come in order, and nothing need be kept of each. */
export interface Answer<T> {
  add(prediction: Prediction): void;
  /** Called once, when every row is recorded. */
  finish(): T;
}

/** Who asked, and by which door. */
export interface Caller {
  readonly requestId: string;
  /** Route template, e.g. `/models/:model/predict`. */
  readonly route: string;
  /** Null until callers authenticate. */
  readonly principal: string | null;
  /** What the answer will go out by; nobody waits for it when that is destroyed. */
  readonly connection: { readonly destroyed: boolean };
}
