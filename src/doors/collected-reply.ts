import type { FastifyReply } from 'fastify';
import type { CallTimes, Prediction, Reply } from '../pipeline/prediction.js';
import { serverTiming } from './server-timing.js';

/** Sends what `bodyOf` makes of the predictions when every row is recorded; for doors whose answers are small. */
export class CollectedReply implements Reply {
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

  end(times: CallTimes): void {
    const { reply, predictions } = this;
    headPredictions(reply, predictions.length === 1 ? predictions[0]!.id : undefined, times);
    void reply.send(this.bodyOf(predictions));
  }

  /** The filter makes a problem of the error, as of what a handler throws. */
  fail(error: unknown): void {
    void this.reply.send(error);
  }
}

/**
 * The headers of predictions that are made: a cache keeps none of them; `id` names the one where there is one; and how
 * long they took.
 */
export function headPredictions(reply: FastifyReply, id: string | undefined, times: CallTimes): void {
  void reply.header('cache-control', 'no-store');
  void reply.header('server-timing', serverTiming(times, performance.now() - reply.request.startedAt));
  if (id !== undefined) void reply.header('x-prediction-id', id);
}
