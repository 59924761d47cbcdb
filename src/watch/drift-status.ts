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

/** How far the values of a feature in one window lie from the training's. */
export interface DistanceWindow {
  /** Rows that have a value. */
  readonly rows: number;
  readonly distance: Distance;
}

/** Whether in one window more values are missing, or unseen, than in the training. */
export interface ShareWindow {
  readonly rows: number;
  /** By more than chance, and by so much that it matters. */
  readonly hasRisen: boolean;
}

/** Whether the values lie further off than chance would have it. */
export const hasMoved = ({ distance: { psi, critical } }: DistanceWindow): boolean => psi > critical;

/**
 * The status of a feature by its windows of one length, oldest first. One window alone tells drift only where it is
 * severe: two of them share the baseline's error, so it is the size that keeps false alarms away, not the repetition alone.
 */
export function distanceStatus(windows: readonly DistanceWindow[], baselineRows: number): DriftStatus {
  const [before, last] = lastTwo(windows);
  if (last === undefined || baselineRows < LEAST_BASELINE) return 'insufficient_data';
  const matters = (window: DistanceWindow): boolean =>
    hasMoved(window) && window.distance.excess >= WORTH_AN_ALARM;
  if (hasMoved(last) && last.distance.excess >= WORTH_IT_AT_ONCE) return 'severe';
  if (before === undefined) return 'ok';
  if (matters(before) && matters(last)) return 'drift';
  return hasMoved(before) && hasMoved(last) ? 'warning' : 'ok';
}

/** The status of the missing, or the unseen, values of a feature by its windows of one length, oldest first. */
export function shareStatus(windows: readonly ShareWindow[], baselineRows: number): DriftStatus {
  const [before, last] = lastTwo(windows);
  if (last === undefined || baselineRows < LEAST_BASELINE) return 'insufficient_data';
  return before?.hasRisen && last.hasRisen ? 'drift' : 'ok';
}

/** Of those that hold enough rows. */
function lastTwo<T extends { readonly rows: number }>(windows: readonly T[]): [T | undefined, T | undefined] {
  const enough = windows.filter(({ rows }) => rows >= LEAST_ROWS);
  return [enough.at(-2), enough.at(-1)];
}

/** The worst of some. */
export function worst(statuses: readonly DriftStatus[]): DriftStatus {
  return statuses.reduce<DriftStatus>(
    (one, other) => (rank(other) > rank(one) ? other : one),
    'insufficient_data',
  );
}

/** 0 for insufficient data, up to 4 for severe drift. */
export const rank = (status: DriftStatus): number => DRIFT_STATUSES.indexOf(status);
