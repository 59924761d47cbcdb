const WITHIN_MS = 60_000;

/** How many processes have ended within a minute that should not: what goes on dying is not mended by being started again. */
export class RecentDeaths {
  private times: number[] = [];

  /** Counts a death, at a time on the monotonic clock in milliseconds. @returns how many there were within a minute, with this one. */
  add(now = performance.now()): number {
    this.times = [...this.times.filter((time) => now - time < WITHIN_MS), now];
    return this.times.length;
  }

  /** Begins anew. */
  forget(): void {
    this.times = [];
  }
}
