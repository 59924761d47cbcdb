import { Injectable } from '@nestjs/common';
import { InvalidInput } from '../errors/errors.js';
import type { Place } from '../inputs/input-check.js';
import type { Caller, Prediction, Reply } from '../pipeline/prediction.js';
import { ModelRegistry } from './model-registry.js';

/** What is asked to predict: the champion of a model, or the version that is named. */
export interface Target {
  readonly model: string;
  readonly version?: string;
}

/** Faults stand where the row has them: for a call whose body is the row. */
const asSent: Place = (fault) => fault;

/** The one way to a prediction; every protocol is a door to it. */
@Injectable()
export class PredictionService {
  constructor(private readonly registry: ModelRegistry) {}

  /**
   * Predicts `rows`, all of them or none, and tells `reply` of each. They are checked against the DTO of the model, and
   * `place` says where in the request a fault of theirs stands.
   * @throws what is known at once: ModelNotFound, ModelNotReady, VersionNotFound, InvalidInput, PredictionLogUnavailable.
   */
  predict(
    { model, version }: Target,
    rows: readonly unknown[],
    caller: Caller,
    reply: Reply,
    place = asSent,
  ): void {
    const started = performance.now();
    const { check, counts, batcher } =
      version === undefined ? this.registry.champion(model) : this.registry.version(model, version);
    try {
      const checked = check.rows(rows, place);
      const accepted = performance.now();
      counts.stages.validate.observe((accepted - started) / 1000);
      batcher.submit({ rows: checked, caller, reply, accepted });
    } catch (error) {
      if (error instanceof InvalidInput) counts.outcomes.invalid++;
      throw error;
    }
  }

  /** As `predict`, for doors that wait for the predictions themselves. */
  predicted(
    target: Target,
    rows: readonly unknown[],
    caller: Caller,
    place = asSent,
  ): Promise<readonly Prediction[]> {
    return new Promise((resolve, reject) => {
      const predictions: Prediction[] = [];
      this.predict(
        target,
        rows,
        caller,
        {
          begin: () => (predictions.length = 0),
          add: (prediction) => predictions.push(prediction),
          end: () => resolve(predictions),
          fail: reject,
        },
        place,
      );
    });
  }
}
