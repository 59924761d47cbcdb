import type { FeatureKind } from '../artifacts/baseline.js';
import type { InputValue } from '../artifacts/manifest.js';
import type { DriftStatus } from './drift-status.js';
import type { Aspect } from './finding.js';

/** What a window says of a feature, beside the windows before it. */
export interface FeatureView {
  readonly name: string;
  readonly kind: FeatureKind;
  readonly status: DriftStatus;
  /** This and the next three: null where no row has a value. */
  readonly psi: number | null;
  readonly psi_excess: number | null;
  readonly critical: number | null;
  readonly js_distance: number | null;
  /** The share of rows without a value; this and the next two: null where no value can be missing. */
  readonly missing: number | null;
  /** The same of the training. */
  readonly missing_expected: number | null;
  readonly missing_status: DriftStatus | null;
  /** The share that the training did not have; this and the next two: null where no value can be unseen. */
  readonly unseen: number | null;
  readonly unseen_expected: number | null;
  readonly unseen_status: DriftStatus | null;
  /** Training rows by bin. */
  readonly expected: readonly number[];
  /** Rows of the window by bin. */
  readonly observed: readonly number[];
}

export interface WindowView {
  readonly from: string;
  readonly to: string;
  /** The least that it lasts: one that holds few rows goes on. */
  readonly seconds: number;
  readonly rows: number;
  /** False: rows still come. */
  readonly closed: boolean;
  readonly status: DriftStatus;
  /** The worst input first; score and class behind all inputs. */
  readonly features: readonly FeatureView[];
}

/** What has found that a feature has moved. */
export type FoundBy = Aspect | 'detector';

/** The worst that windows and detectors say of an input, of the score or of the class. */
export interface Verdict {
  readonly name: string;
  /** Of a text, whose length and tokens are compared, the one that has moved further. */
  readonly kind: FeatureKind;
  readonly status: DriftStatus;
  /** Null: nothing was found. */
  readonly found_by: FoundBy | null;
  /** The length of the windows that have found it. */
  readonly seconds: number | null;
  readonly since: string | null;
}

/** What the bins of a feature hold. */
export interface BinsView {
  readonly name: string;
  readonly kind: FeatureKind;
  /** Upper edges of all bins but the last; null unless the feature is a number. */
  readonly edges: readonly number[] | null;
  /** The value of each bin; null unless the feature is a category or a class. */
  readonly values: readonly InputValue[] | null;
}

/** What `GET /models/<model>/drift` answers. */
export interface DriftReport {
  readonly model: string;
  readonly version: string;
  readonly status: DriftStatus;
  readonly training_rows: number;
  /** The worst input first; score and class behind all inputs. */
  readonly verdicts: readonly Verdict[];
  /** The shorter ones first, of each length the newest first. */
  readonly windows: readonly WindowView[];
  /** In the order of the inputs. */
  readonly bins: readonly BinsView[];
}
