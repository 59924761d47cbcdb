const WINDOW_MS = 1_000;
/** A pace older than this says nothing of now. */
const STALE_MS = 10_000;
const LONGEST_SECONDS = 30;

/**
 * Tells each refused caller a time of its own to come back. The refused stand in a line that moves as fast as bytes are
 * given back, so that they do not return together and find the server full again.
 */
export class RetryAfter {
  /** Bytes given back since the window began. */
  private given = 0;
  private windowStart = Number.NEGATIVE_INFINITY;
  /** Bytes per millisecond; 0 until it has been measured. */
  private pace = 0;
  /** When the last in the line has its turn. */
  private turn = Number.NEGATIVE_INFINITY;

  constructor(private readonly random: () => number = Math.random) {}

  giveBack(bytes: number): void {
    this.given += bytes;
  }

  /** Whole seconds for a caller with `bytes`, before whom work of `backlog` seconds waits. */
  seconds(bytes: number, backlog: number, now: number): number {
    this.measure(now);
    const own = this.pace === 0 ? 0 : bytes / this.pace;
    this.turn = Math.min(Math.max(this.turn, now) + own, now + LONGEST_SECONDS * 1_000);
    const jitter = 0.75 + this.random() / 2;
    const seconds = Math.ceil((backlog + (this.turn - now) / 1_000) * jitter);
    return Math.min(Math.max(seconds, 1), LONGEST_SECONDS);
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
