import { Injectable } from '@nestjs/common';
import { InvalidInput } from '../errors/errors.js';
import type { Row } from '../inputs/input-check.js';
import { ModelRegistry } from './model-registry.js';
import type { ModelVersion } from './model-version.js';
import { PredictionList } from './answers.js';
import type { Answer, Caller, Prediction } from './prediction.js';

/** The one way to a prediction; every protocol is a door to it. */
@Injectable()
export class PredictionService {
  constructor(private readonly registry: ModelRegistry) {}

  /**
   * Predicts one row. `body` is checked against the DTO of the model; without `version` the champion answers.
   * @throws InvalidInput, ModelNotFound, ModelNotReady, VersionNotFound, PredictionLogUnavailable
   */
  async one(model: string, body: unknown, caller: Caller, version?: string): Promise<Prediction> {
    const [prediction] = await this.predict(
      this.find(model, version),
      caller,
      (chosen) => [chosen.check.row(body)],
      listed,
    );
    return prediction!;
  }

  /** As `one`, for the rows of `{"instances": [...]}`: all of them or none. */
  async many<T>(
    model: string,
    body: unknown,
    caller: Caller,
    begin: (rows: number) => Answer<T>,
    version?: string,
  ): Promise<T> {
    return this.predict(this.find(model, version), caller, (chosen) => chosen.check.instances(body), begin);
  }

  private find(model: string, version: string | undefined): ModelVersion {
    return version === undefined ? this.registry.champion(model) : this.registry.version(model, version);
  }

  private predict<T>(
    chosen: ModelVersion,
    caller: Caller,
    validate: (chosen: ModelVersion) => readonly Row[],
    begin: (rows: number) => Answer<T>,
  ): Promise<T> {
    const started = performance.now();
    try {
      const rows = validate(chosen);
      chosen.counts.stages.validate.observe((performance.now() - started) / 1000);
      return chosen.pipeline.submit(rows, caller, () => begin(rows.length));
    } catch (error) {
      if (error instanceof InvalidInput) chosen.counts.outcomes.invalid++;
      throw error;
    }
  }
}

const listed = (): PredictionList => new PredictionList();
