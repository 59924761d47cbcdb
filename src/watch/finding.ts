import { type DriftStatus, distanceStatus, hasMoved, LEAST_ROWS, shareStatus } from './drift-status.js';
import type { FeatureWindow } from './feature-window.js';

/** What tells that a feature has moved: where its values lie, or how many are missing or unseen. */
export type Aspect = 'distance' | 'missing' | 'unseen';
export const ASPECTS = ['distance', 'missing', 'unseen'] as const satisfies readonly Aspect[];

interface Seen {
  readonly rows: number;
  readonly isMoved: boolean;
}

/** What the windows of one length, oldest first, say of one aspect of a feature. */
export class Finding {
  /** By window: what could be said when it was the last one. */
  readonly statuses: readonly DriftStatus[];
  private readonly seen: readonly (Seen | undefined)[];

  constructor(
    readonly aspect: Aspect,
    windows: readonly FeatureWindow[],
    baselineRows: number,
  ) {
    if (aspect === 'distance') {
      const distances = windows.map(({ rows, distance }) => distance && { rows, distance });
      this.seen = distances.map((each) => each && { rows: each.rows, isMoved: hasMoved(each) });
      this.statuses = statusesOf(distances, (some) => distanceStatus(some, baselineRows));
    } else {
      const shares = windows.map((window) => window[aspect]);
      this.seen = shares.map((each) => each && { rows: each.rows, isMoved: each.hasRisen });
      this.statuses = statusesOf(shares, (some) => shareStatus(some, baselineRows));
    }
  }

  /** The newest status that could be said, and the first of the windows since which nothing was as in the training. */
  get now(): { readonly status: DriftStatus; readonly since: number | undefined } {
    const last = this.statuses.findLastIndex((status) => status !== 'insufficient_data');
    if (last === -1) return { status: 'insufficient_data', since: undefined };
    let since: number | undefined;
    for (let index = last; index >= 0; index--) {
      const seen = this.seen[index];
      if (seen === undefined || seen.rows < LEAST_ROWS) continue;
      if (!seen.isMoved) break;
      since = index;
    }
    return { status: this.statuses[last]!, since };
  }
}

function statusesOf<T extends { readonly rows: number }>(
  windows: readonly (T | undefined)[],
  statusOf: (some: readonly T[]) => DriftStatus,
): readonly DriftStatus[] {
  return windows.map((window, index) => {
    if (window === undefined || window.rows < LEAST_ROWS) return 'insufficient_data';
    return statusOf(windows.slice(0, index + 1).filter((each) => each !== undefined));
  });
}
