import type { ReturnLine } from '../errors/return-line.js';

/** What waits to be computed, as whoever computes it reckons. */
export interface Backlog {
  /** Seconds of work that wait before a call of so many body bytes. */
  seconds(bytes: number): number;
}

/** The calls of one model, as whoever has them run reckons. */
export interface Queue extends Backlog {
  /** Seconds that a run of one row takes. */
  readonly secondsPerRow: number;
  /** Seconds that a call may wait, however small its body is. */
  readonly sensibleWait: number;
  /** Where its refused calls stand, if no other model's do. */
  readonly line?: ReturnLine;
}
