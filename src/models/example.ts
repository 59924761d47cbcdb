import type { Manifest } from '../artifacts/manifest.js';
import { type InputCheck, type Row } from '../inputs/input-check.js';
import { exampleRow } from '../inputs/input-schema.js';
import type { Prediction } from '../pipeline/prediction.js';
import { AnswerTexts, RecordedPrediction } from '../pipeline/recorded-prediction.js';
import type { Decision } from '../runners/decoder.js';
import type { ModelRunner } from '../runners/model-runner.js';
import { SAMPLE_MS } from '../runners/replay.js';

/** Stands in an example where a prediction has the id of its record. */
export const EXAMPLE_PREDICTION = '01a1fdca-28ca-7055-b178-fbd508337fb5';

/** A row, and what a version answers to it. */
export interface Example {
  readonly row: Row;
  readonly prediction: Prediction;
}

/**
 * The row of a manifest's examples with its answer, for the documentation: nothing of it is recorded or counted.
 * Undefined where the row is not legal, or the model cannot answer it; a promise where the model runs elsewhere.
 */
export function exampleOf(
  manifest: Manifest,
  check: InputCheck,
  runner: Pick<ModelRunner, 'run'>,
): Example | undefined | Promise<Example | undefined> {
  const row = exampleRow(check.schema);
  if (!check.isRow(row)) return undefined;
  const example = ([decision]: readonly Decision[]): Example => ({
    row,
    prediction: new RecordedPrediction(EXAMPLE_PREDICTION, decision!, row, new AnswerTexts(manifest)),
  });
  try {
    const run = runner.run([row], { encode: 0, run: 0, decode: 0 }, performance.now() + SAMPLE_MS);
    return run instanceof Promise ? run.then(example).catch(() => undefined) : example(run);
  } catch {
    return undefined;
  }
}
