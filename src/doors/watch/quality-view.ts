import type { CalibrationBin, Figure, SliceQuality } from '../../watch/measured-quality.js';

/** What labels say. */
export interface MeasuredView {
  readonly rows: number;
  readonly metric: Figure;
  readonly confusion: readonly (readonly number[])[] | null;
  readonly calibration: readonly CalibrationBin[] | null;
  readonly slices: readonly SliceQuality[];
  readonly errors: {
    readonly status: 'ok' | 'more_errors' | 'insufficient_data';
    readonly since: string | null;
  };
}

/** What the probabilities promise. */
export interface EstimatedView {
  readonly rows: number;
  readonly metric: Figure;
}

/** How right a version is. */
export interface QualityView {
  readonly model: string;
  readonly version: string;
  /** Labels in the order of `confusion`; null for numbers. */
  readonly classes: readonly string[] | null;
  /** The same figure as the training had it on its own hold-out. */
  readonly holdout: { readonly name: string; readonly value: number; readonly rows: number } | null;
  readonly measured: MeasuredView | null;
  readonly estimated: EstimatedView | null;
}
