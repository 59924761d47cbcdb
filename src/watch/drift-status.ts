import type { Distance } from './distances.js';

/** From nothing to say to the worst, in this order. */
export const DRIFT_STATUSES = ['insufficient_data', 'ok', 'warning', 'drift', 'severe'] as const;
export type DriftStatus = (typeof DRIFT_STATUSES)[number];

/** Fewer rows say nothing of a window. */
export const LEAST_ROWS = 300;
/** Of fewer training rows the shares are not known well enough. */
export const LEAST_BASELINE = 2_000;
/** Beyond chance, in population stability index: what is worth an alarm in two windows, and in one. */
const WORTH_AN_ALARM = 0.1;
const WORTH_IT_AT_ONCE = 0.25;
/** What the share of missing or unseen values has to rise by, in two windows. */
export const LEAST_RISE = 0.02;

/** What one window says of a feature. */
export interface FeatureWindow {
  readonly rows: number;
  readonly distance: Distance;
  /** The share of missing or of unseen values has risen by more than chance, and by so much that it matters. */
  readonly hasMore: boolean;
}

/**
 * The status of a feature by its closed windows of one length, oldest first. One window alone tells drift only where it is
 * severe: two of them share the baseline's error, so it is the size that keeps false alarms away, not the repetition alone.
 */
export function featureStatus(
  windows: readonly FeatureWindow[],
  baselineRows: number,
): { readonly status: DriftStatus; readonly why: 'distance' | 'missing_or_unseen' | null } {
  const enough = windows.filter(({ rows }) => rows >= LEAST_ROWS);
  const [before, last] = enough.length > 1 ? enough.slice(-2) : [undefined, enough[0]];
  if (last === undefined || baselineRows < LEAST_BASELINE) return { status: 'insufficient_data', why: null };
  const moved = ({ distance: { psi, critical } }: FeatureWindow): boolean => psi > critical;
  const matters = (window: FeatureWindow): boolean =>
    moved(window) && window.distance.excess >= WORTH_AN_ALARM;
  if (moved(last) && last.distance.excess >= WORTH_IT_AT_ONCE) return { status: 'severe', why: 'distance' };
  if (before === undefined) return { status: 'ok', why: null };
  if (matters(before) && matters(last)) return { status: 'drift', why: 'distance' };
  if (before.hasMore && last.hasMore) return { status: 'drift', why: 'missing_or_unseen' };
  if (moved(before) && moved(last)) return { status: 'warning', why: 'distance' };
  return { status: 'ok', why: null };
}

/** The worst of some. */
export function worst(statuses: readonly DriftStatus[]): DriftStatus {
  const place = (status: DriftStatus): number => DRIFT_STATUSES.indexOf(status);
  return statuses.reduce<DriftStatus>(
    (one, other) => (place(other) > place(one) ? other : one),
    'insufficient_data',
  );
}
