import { ReturnLine } from '../errors/return-line.js';

const WINDOW_MS = 1_000;
/** A pace older than this says nothing of now. */
const STALE_MS = 10_000;

/** Tells refused callers when to come back: their line moves as fast as bytes are given back. */
export class RetryAfter {
  /** Bytes given back since the window began. */
  private given = 0;
  private windowStart = Number.NEGATIVE_INFINITY;
  /** Bytes per millisecond; 0 until it has been measured. */
  private pace = 0;
  private readonly line: ReturnLine;

  constructor(random?: () => number) {
    this.line = new ReturnLine(random);
  }

  giveBack(bytes: number): void {
    this.given += bytes;
  }

  /** Whole seconds for a caller with `bytes`, before whom work of `backlog` seconds waits. */
  seconds(bytes: number, backlog: number, now: number): number {
    this.measure(now);
    const own = this.pace === 0 ? 0 : bytes / this.pace / 1_000;
    return this.line.seconds(own, backlog, now);
  }

  private measure(now: number): void {
    const elapsed = now - this.windowStart;
    if (elapsed < WINDOW_MS) return;
    if (elapsed < STALE_MS) {
      const latest = this.given / elapsed;
      this.pace = this.pace === 0 ? latest : (this.pace + latest) / 2;
    } else {
      this.pace = 0;
    }
    this.given = 0;
    this.windowStart = now;
  }
}
