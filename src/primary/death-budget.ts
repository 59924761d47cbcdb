const WITHIN_MS = 60_000;
const MOST_DEATHS = 5;

/** How often workers may end by themselves: what goes on dying is not mended by being started again. */
export class DeathBudget {
  private times: number[] = [];

  /** Counts a death. @returns whether there were more than five within a minute. */
  isSpentBy(now = performance.now()): boolean {
    this.times = [...this.times.filter((time) => now - time < WITHIN_MS), now];
    return this.times.length > MOST_DEATHS;
  }
}
