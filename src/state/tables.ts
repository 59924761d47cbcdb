import type { GivenValue, StoredLabel } from './stored-feedback.js';
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
  readonly marks: Mark;
  /** Every value that was given. */
  readonly feedback: GivenValue;
  /** Of each prediction the last of them. */
  readonly labels: StoredLabel;
  /** Those that wait for the server that has their record. */
  readonly pending_feedback: GivenValue;
}
