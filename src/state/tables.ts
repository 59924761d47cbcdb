import type { GivenValue, StoredLabel } from './stored-feedback.js';
import type { StoredDetectors, StoredWindow, WatchedVersion } from './stored-drift.js';
import type { StoredGate } from './stored-gate.js';
import type { StoredJob } from './stored-job.js';

/** What a runner can train: the last that one has declared. */
export interface Trainable {
  readonly model: string;
  /** JSON Schema of the arguments, as JSON. */
  readonly schema: string;
  readonly runner: string;
}

/** Rows that are there for their locks and for trying whether the database can be written. */
export interface Mark {
  readonly name: 'pulse' | 'queue' | 'feedback';
  readonly at: number;
}

export interface StateTables {
  readonly jobs: StoredJob;
  readonly gates: StoredGate;
  readonly trainables: Trainable;
  readonly drift_windows: WatchedVersion & StoredWindow;
  readonly drift_detectors: WatchedVersion & StoredDetectors & { readonly changed: number };
  /** The last write of each process that counts. */
  readonly drift_writers: { readonly writer: string; readonly write: number; readonly at: number };
  readonly marks: Mark;
  /** Every value that was given. */
  readonly feedback: GivenValue;
  /** Of each prediction the last of them. */
  readonly labels: StoredLabel;
  /** Those that wait for the server that has their record. */
  readonly pending_feedback: GivenValue;
}
