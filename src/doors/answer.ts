import type { FastifyReply } from 'fastify';
import type { Prediction, Reply } from '../pipeline/prediction.js';

/** Sends what `bodyOf` makes of the predictions when every row is recorded; for doors whose answers are small. */
export class Answer implements Reply {
  private predictions: Prediction[] = [];

  constructor(
    private readonly reply: FastifyReply,
    private readonly bodyOf: (predictions: readonly Prediction[]) => unknown,
  ) {}

  begin(): void {
    this.predictions = [];
  }

  add(prediction: Prediction): void {
    this.predictions.push(prediction);
  }

  end(): void {
    void this.reply.send(this.bodyOf(this.predictions));
  }

  /** The filter makes a problem of the error, as of what a handler throws. */
  fail(error: unknown): void {
    void this.reply.send(error);
  }
}
