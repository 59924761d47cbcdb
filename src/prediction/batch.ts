import type { Decision } from '../inference/decoder.js';
import type { Row } from '../inputs/input-check.js';
import type { Answer, Caller, Prediction } from './prediction.js';

/** A request that waits for its predictions. */
export interface Job {
  readonly rows: readonly Row[];
  readonly caller: Caller;
  /** On the monotonic clock, in milliseconds. */
  readonly accepted: number;
  /** Begins the answer; once more if a batch that others share has failed. */
  readonly begin: () => Answer<unknown>;
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** The requests that share a run, and what has been made of their rows so far, in order. */
export class Batch {
  readonly scores: number[] = [];
  /** -1 for a regression. */
  readonly classIndexes: number[] = [];
  private readonly answers: readonly Answer<unknown>[];
  private job = 0;
  private jobRow = 0;

  constructor(private readonly jobs: readonly Job[]) {
    this.answers = jobs.map(({ begin }) => begin());
  }

  /** The request that the next row belongs to. */
  jobOfNextRow(): Job {
    if (this.jobRow === this.jobs[this.job]!.rows.length) {
      this.job++;
      this.jobRow = 0;
    }
    this.jobRow++;
    return this.jobs[this.job]!;
  }

  /** Adds the prediction for the row whose request was asked for last. */
  add(prediction: Prediction, { score, classIndex }: Decision): void {
    this.answers[this.job]!.add(prediction);
    this.scores.push(score);
    this.classIndexes.push(classIndex);
  }

  /** Gives every request its answer. */
  resolve(): void {
    for (let job = 0; job < this.jobs.length; job++) this.jobs[job]!.resolve(this.answers[job]!.finish());
  }
}
