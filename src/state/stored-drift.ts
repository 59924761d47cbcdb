/** A version by its bins: counts under another digest of `baseline.json` are over other ones. */
export interface WatchedVersion {
  readonly model: string;
  readonly version: string;
  /** SHA-256 of its `baseline.json`. */
  readonly baseline: string;
}

/** What was counted in one stretch of time, from a whole multiple of its length on. */
export interface CountedSlot {
  readonly seconds: number;
  /** Milliseconds since 1970. */
  readonly start: number;
  readonly rows: number;
  /** By cell of the baseline. */
  readonly counts: readonly number[];
}

/** A sum of slots that follow each other. Times are milliseconds since 1970. */
export interface StoredWindow {
  /** Of each slot; a window that held too few rows when its slot was over has several. */
  readonly seconds: number;
  readonly start: number;
  /** When its last slot is over. */
  readonly until: number;
  readonly rows: number;
  /** JSON: a number for each cell of the baseline. */
  readonly counts: string;
}

/** What the detectors of one version know. */
export interface StoredDetectors {
  /** Grows by one with each write; the first is 1. */
  readonly revision: number;
  /** JSON: a state for each feature. */
  readonly state: string;
  /** JSON: by the place of a feature, since when its detector has told drift. */
  readonly alarms: string;
}
