import { RecentDeaths } from '../errors/recent-deaths.js';
import type { ProcessDeath } from './model-process.js';
import { DEATH_KINDS, type DeathKind } from './process-talk.js';

/** So many deaths within a minute: the next process would end as they did. */
const MOST_DEATHS = 5;
/** How long none is begun then: at first, and where that does not help, twice as long each time. */
const FIRST_PAUSE_MS = 10_000;
const LONGEST_PAUSE_MS = 60_000;
/** Processes that have held for so long after a pause were mended by it. */
const HELD_MS = 60_000;

/** Whether processes that end are worth replacing: after five deaths within a minute they are not, until a pause is over. */
export class Restarts {
  /** Why none is begun for the moment. */
  fault: string | undefined;
  /** By kind, how many processes have ended that should not. */
  readonly deaths = new Map<DeathKind, number>(DEATH_KINDS.map((kind) => [kind, 0]));
  private readonly recent = new RecentDeaths();
  private pauseMs = FIRST_PAUSE_MS;
  private mendedAt = -Infinity;
  private pause: NodeJS.Timeout | undefined;

  /** `tryAgain` is called when a pause is over; it begins a process, and calls `mend` when that is open. */
  constructor(private readonly tryAgain: () => void) {}

  /**
   * Counts a death. One by a deadline is the doing of the calls, and one that somebody has killed while it worked well
   * (`isProven`: it had answered a run) says nothing of the next one: these are replaced however many there are.
   * @returns the milliseconds of the pause that it begins, if it does
   */
  count({ kind, message }: ProcessDeath, isProven = false): number | undefined {
    this.deaths.set(kind, (this.deaths.get(kind) ?? 0) + 1);
    if (kind === 'deadline' || (kind === 'killed' && isProven)) return undefined;
    const now = performance.now();
    const recent = this.recent.add(now);
    const isEnough = this.fault !== undefined || recent >= MOST_DEATHS;
    if (!isEnough || this.pause !== undefined) return undefined;
    this.fault = `its processes ended ${MOST_DEATHS} times within a minute, the last one because ${message}`;
    const hasHeld = now - this.mendedAt > HELD_MS;
    this.pauseMs = hasHeld ? FIRST_PAUSE_MS : Math.min(2 * this.pauseMs, LONGEST_PAUSE_MS);
    this.pause = setTimeout(() => {
      this.pause = undefined;
      this.recent.forget();
      this.mendedAt = now + this.pauseMs;
      this.tryAgain();
    }, this.pauseMs).unref();
    return this.pauseMs;
  }

  /** A process has opened the graph: others will too. */
  mend(): void {
    this.fault = undefined;
  }

  /** Ends a pause without trying again. */
  stop(): void {
    clearTimeout(this.pause);
  }
}
