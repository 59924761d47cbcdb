import type { Given } from './rates.js';

/** What one worker has counted of its callers and the others have not heard of. */
export interface Counted {
  readonly given: readonly Given[];
  /** Networks from which unknown keys came, each as often as they did. */
  readonly strangers: readonly string[];
}

/** By which message a worker tells the others. */
export const COUNTED = 'callers counted';
/** By which message a worker that starts asks what was given until now, and is told it (`Given[]`). */
export const SPENT = 'rates spent';
