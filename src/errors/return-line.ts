const LONGEST_SECONDS = 30;

/**
 * Tells each caller who is refused because of a queue a time of his own to come back. The refused stand in a line behind
 * that queue, so that they do not return together and find it full again.
 */
export class ReturnLine {
  /** When the last in the line has its turn, in milliseconds. */
  private turn = Number.NEGATIVE_INFINITY;

  constructor(private readonly random: () => number = Math.random) {}

  /** Whole seconds, from 1 on, for a call of `own` seconds before which `wait` seconds of work wait; `now` in milliseconds. */
  seconds(own: number, wait: number, now: number): number {
    this.turn = Math.min(Math.max(this.turn, now) + own * 1_000, now + LONGEST_SECONDS * 1_000);
    const jitter = 0.75 + this.random() / 2;
    const seconds = Math.ceil((wait + (this.turn - now) / 1_000) * jitter);
    return Math.min(Math.max(seconds, 1), LONGEST_SECONDS);
  }
}
