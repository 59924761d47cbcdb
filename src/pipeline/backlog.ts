/** Calls with larger bodies are counted as large: they take a lane, and small ones pass them between their runs. */
const SMALL_BYTES = 65_536;

/**
 * How much work waits in this process, in seconds, over all models. A call is asked how long it would wait before its
 * body is read, so that what cannot be served in time is refused while that is cheap.
 */
export class Backlog {
  private small = 0;
  private large = 0;

  /** Work that begins to wait. */
  add(seconds: number, isLarge: boolean): void {
    if (isLarge) this.large += seconds;
    else this.small += seconds;
  }

  /** Work that waits no longer: it runs now, or its caller has gone. */
  take(seconds: number, isLarge: boolean): void {
    this.add(-seconds, isLarge);
  }

  /** Seconds of work before a call whose body has `bytes`. */
  seconds(bytes: number): number {
    return bytes > SMALL_BYTES ? this.small + this.large : this.small;
  }
}
