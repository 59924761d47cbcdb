import { Injectable } from '@nestjs/common';
import { VersionNotFound } from '../errors/errors.js';
import type { Place } from '../inputs/input-check.js';
import type { Caller, Reply } from '../pipeline/prediction.js';
import { within } from '../pipeline/within.js';
import { ModelRegistry } from './model-registry.js';
import { ModelVersion } from './model-version.js';

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
   * @throws what is known at once: ModelNotFound, ModelNotReady, VersionNotFound, InvalidInput, PredictionLogUnavailable,
   * PredictionLogFailed. `reply.fail` is told the rest.
   */
  predict(target: Target, rows: readonly unknown[], caller: Caller, reply: Reply, place = asSent): void {
    const { model, version } = target;
    const found =
      version === undefined ? this.registry.champion(model) : this.registry.version(model, version);
    if (found instanceof ModelVersion) submit(found, rows, caller, reply, place);
    else {
      within(caller.deadline, found)
        .then((opened) => {
          // Two other versions that were asked for in the same moment may have taken its place already.
          if (opened.isClosing) throw new VersionNotFound(model, opened.manifest.version);
          submit(opened, rows, caller, reply, place);
        })
        .catch((error: unknown) => reply.fail(error));
    }
  }
}

function submit(
  { check, counts, batcher }: ModelVersion,
  rows: readonly unknown[],
  caller: Caller,
  reply: Reply,
  place: Place,
): void {
  // Legal or not: they have been read, and are looked at now.
  caller.pay(rows.length);
  const started = performance.now();
  if (!rows.every((row) => check.isRow(row))) {
    counts.outcomes.invalid++;
    throw check.faults(rows, place);
  }
  const accepted = performance.now();
  counts.stages.validate.observe((accepted - started) / 1000);
  batcher.submit({ rows, caller, reply, place, accepted });
}
