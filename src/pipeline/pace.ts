/** A run that holds the event loop; longer ones would hold up everybody else. */
export const SECONDS_ON_LOOP = 0.01;
/** A run in another process, for which other calls wait there. */
export const SECONDS_APART = 0.05;
/** Beyond this a run only grows, and no row of it gets cheaper. */
const MOST_ROWS_PER_RUN = 128;
/** How much of a new measurement goes into the mean: one slow run among hundreds changes little. */
const WEIGHT = 0.1;

/** What a row of one model costs, as measured, and how many of them make one run. */
export class Pace {
  /** Of a run and its record on the event loop, or of a run in another process. */
  secondsPerRow = 0;
  rowsPerRun = MOST_ROWS_PER_RUN;

  /** `secondsPerRun`: the longest that a run may take. */
  constructor(private readonly secondsPerRun = SECONDS_ON_LOOP) {}

  /** Takes in one run of so many rows. */
  measure(rows: number, seconds: number): void {
    const perRow = seconds / rows;
    this.secondsPerRow += this.secondsPerRow === 0 ? perRow : WEIGHT * (perRow - this.secondsPerRow);
    const fitting = Math.floor(this.secondsPerRun / this.secondsPerRow);
    this.rowsPerRun = Math.max(1, Math.min(MOST_ROWS_PER_RUN, fitting));
  }
}
