/** Calls with larger bodies are counted as large: they take a lane, and small ones pass them between their runs. */
export const SMALL_BYTES = 65_536;
/** What sums and differences of fractions leave of zero. */
const NOTHING = 1e-9;
/** What takes longer than this was no work: the process stood still. */
const longestSeconds = (work: number): number => 10 * work + 0.1;
/** Seconds of work after which a measurement counts half. */
const MEMORY_SECONDS = 1;
/**
 * So much work counts as measured at the start, without a stretch. The first calls, which do all for the first time, take
 * a hundred times their work; where more than this waits, what it really takes soon outweighs it.
 */
const ASSUMED_SECONDS = 0.1;

/**
 * How much work waits in this process, in seconds, over all models. A call is asked how long it would wait before its
 * body is read, so that what cannot be served in time is refused while that is cheap.
 *
 * Work is told by what its runs take. What else a call costs, its parsing, its reply and whatever else the machine does,
 * shows in how long work really takes while more of it waits, so what waits is multiplied by that.
 */
export class Backlog {
  private small = 0;
  private large = 0;
  /** The work that was taken last, and when, if more waited then. */
  private runningSeconds = 0;
  private runningSince = 0;
  private work = ASSUMED_SECONDS;
  private elapsed = ASSUMED_SECONDS;

  constructor(private readonly now: () => number = () => performance.now()) {}

  /** Work that begins to wait. */
  add(seconds: number, isLarge: boolean): void {
    if (isLarge) this.large += seconds;
    else this.small += seconds;
  }

  /** Work that waits no longer: it runs now, or its caller has gone. */
  take(seconds: number, isLarge: boolean): void {
    this.add(-seconds, isLarge);
    const now = this.now();
    if (this.runningSeconds > 0) this.measure(this.runningSeconds, (now - this.runningSince) / 1_000);
    // Where nothing waits, the time until the next work is nobody's wait.
    this.runningSeconds = this.small + this.large > NOTHING ? seconds : 0;
    this.runningSince = now;
  }

  /** Seconds before a call whose body has `bytes`. */
  seconds(bytes: number): number {
    return this.wait(bytes > SMALL_BYTES);
  }

  /** Seconds before a large call, or a small one. */
  wait(isLarge: boolean): number {
    return (isLarge ? this.small + this.large : this.small) * this.stretch;
  }

  /** Seconds that a second of work takes. */
  private get stretch(): number {
    return Math.max(1, this.elapsed / this.work);
  }

  private measure(work: number, elapsed: number): void {
    if (this.work > MEMORY_SECONDS) {
      this.work /= 2;
      this.elapsed /= 2;
    }
    this.work += work;
    this.elapsed += Math.min(elapsed, longestSeconds(work));
  }
}
