import type { Decision } from '../inference/decoder.js';
import type { Row } from '../inputs/input-check.js';
import type { LineBuffer } from '../prediction-log/line-buffer.js';
import type { Caller, Prediction } from './prediction.js';

/** A request that waits for its predictions. */
export interface Job {
  readonly rows: readonly Row[];
  readonly caller: Caller;
  /** On the monotonic clock, in milliseconds. */
  readonly accepted: number;
  readonly resolve: (predictions: readonly Prediction[]) => void;
  readonly reject: (error: unknown) => void;
}

/** The requests that share a run, and what has been made of their rows so far, in order. */
export class Batch {
  readonly scores: number[] = [];
  /** -1 for a regression. */
  readonly classIndexes: number[] = [];
  private readonly predictions: Prediction[] = [];
  private job = 0;
  private jobRow = 0;

  constructor(
    private readonly jobs: readonly Job[],
    readonly lines: LineBuffer,
  ) {}

  /** The request that the next row belongs to. */
  jobOfNextRow(): Job {
    if (this.jobRow === this.jobs[this.job]!.rows.length) {
      this.job++;
      this.jobRow = 0;
    }
    this.jobRow++;
    return this.jobs[this.job]!;
  }

  add(prediction: Prediction, { score, classIndex }: Decision): void {
    this.predictions.push(prediction);
    this.scores.push(score);
    this.classIndexes.push(classIndex);
  }

  /** Gives every request its predictions. */
  resolve(): void {
    let first = 0;
    for (const { rows, resolve } of this.jobs) {
      resolve(this.predictions.slice(first, first + rows.length));
      first += rows.length;
    }
  }
}
