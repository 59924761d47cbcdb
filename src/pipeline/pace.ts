/** A run holds the event loop; longer ones would hold up everybody else. */
const SECONDS_PER_RUN = 0.01;
/** Beyond this a run only grows, and no row of it gets cheaper. */
const MOST_ROWS_PER_RUN = 128;
/** How much of a new measurement goes into the mean: one slow run among hundreds changes little. */
const WEIGHT = 0.1;

/** What a row of one model costs, as measured, and how many of them make one run. */
export class Pace {
  /** Seconds on the event loop: run and record. */
  secondsPerRow = 0;
  rowsPerRun = MOST_ROWS_PER_RUN;

  /** Takes in one run of so many rows. */
  measure(rows: number, seconds: number): void {
    const perRow = seconds / rows;
    this.secondsPerRow += this.secondsPerRow === 0 ? perRow : WEIGHT * (perRow - this.secondsPerRow);
    const fitting = Math.floor(SECONDS_PER_RUN / this.secondsPerRow);
    this.rowsPerRun = Math.max(1, Math.min(MOST_ROWS_PER_RUN, fitting));
  }
}
