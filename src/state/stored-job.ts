export const JOB_STATES = ['queued', 'running', 'done', 'error', 'cancelled', 'interrupted'] as const;
export type JobState = (typeof JOB_STATES)[number];

/**
 * A job as the state database has it. Times are milliseconds since 1970; fields that hold JSON say so.
 * What may become of it, `training/` decides; whoever changes it writes the next `revision`.
 */
export interface StoredJob {
  readonly id: string;
  readonly model: string;
  readonly state: JobState;
  readonly stage: string | null;
  /** From 0 to 1. */
  readonly progress: number | null;
  /** JSON. */
  readonly arguments: string;
  /** JSON. */
  readonly metrics: string;
  /** Claims so far. */
  readonly attempt: number;
  /** The version that it has published. */
  readonly version: string | null;
  /** The number and the digest that its upload is about to publish, as `<number> <digest>`. */
  readonly announced: string | null;
  /** JSON. */
  readonly gate: string | null;
  /** JSON. */
  readonly error: string | null;
  readonly created: number;
  readonly started: number | null;
  readonly finished: number | null;
  /** Who asked for it; empty: nobody knows. */
  readonly principal: string;
  /** What asked for it. */
  readonly trigger: string;
  /** The idempotency key, which is one caller's and one model's. */
  readonly key: string;
  readonly runner: string | null;
  /** Of the lease of the last claim; an ended job keeps it, so that its runner may ask again. */
  readonly token: string | null;
  /** When the lease ends; null: nobody has one. */
  readonly expires: number | null;
  /** 1: somebody wants it to end. */
  readonly cancelled: 0 | 1;
  /** Grows with every change. */
  readonly revision: number;
  /** Lines, the last ones. */
  readonly log: string;
}

/** All that a list of jobs shows: logs are long. */
export type ListedJob = Omit<StoredJob, 'log'>;
