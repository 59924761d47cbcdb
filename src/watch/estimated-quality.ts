import type { Baseline } from '../artifacts/baseline.js';
import type { StoredWindow } from '../state/stored-drift.js';
import type { Figure } from './measured-quality.js';
import { Z } from './wilson.js';

/** Counts have it in millionths. */
const MILLION = 1_000_000;

/** What the probabilities of some rows promise. */
export interface EstimatedQuality {
  readonly rows: number;
  readonly metric: Figure;
}

/**
 * The accuracy that a classifier would have if its probabilities were true, from the rows of windows: the mean probability of
 * what it answered, with the interval of as many rows. It needs no labels, and cannot see that an input means something
 * else today (confidence-based performance estimation).
 * @returns null without probabilities, and without rows
 */
export function estimatedQuality(
  { confidence }: Pick<Baseline, 'confidence'>,
  windows: readonly StoredWindow[],
): EstimatedQuality | null {
  if (confidence === undefined) return null;
  let [rows, right, variance] = [0, 0, 0];
  for (const window of windows) {
    const counts = JSON.parse(window.counts) as readonly number[];
    rows += window.rows;
    right += counts[confidence]! / MILLION;
    variance += counts[confidence + 1]! / MILLION;
  }
  if (rows === 0) return null;
  const value = right / rows;
  const spread = (Z * Math.sqrt(variance)) / rows;
  return {
    rows,
    metric: {
      name: 'accuracy',
      value,
      low: Math.max(0, value - spread),
      high: Math.min(1, value + spread),
    },
  };
}
