import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Manifest, Sample } from '../../src/artifacts/manifest.js';
import { ARTIFACTS } from './artifacts.js';
import { createTestApp } from './create-app.js';
import { UUID_V7 } from './shapes.js';

interface Prediction {
  readonly prediction: number | string;
  readonly probabilities?: Readonly<Record<string, number>>;
}

/**
 * Has `model` answer `input` by its typed route, and all of its golden samples by the batch route: every label is the
 * estimator's, every probability within the manifest's tolerance, every answer is in the prediction log.
 */
export async function predictExample(model: string, input: object, root = ARTIFACTS): Promise<void> {
  const app = await createTestApp({ ARTIFACTS_DIR: root });
  const one = await app.post(`/models/${model}/predict`, input);
  const { version } = one.body as { version: string };
  const manifest = readJson(root, model, version, 'manifest.json') as Manifest;
  const { samples } = readJson(root, model, version, 'samples.json') as { samples: Sample[] };
  expect(one).toMatchObject({ status: 200, body: { model, prediction_id: expect.stringMatching(UUID_V7) } });

  const many = await app.post(`/v1/models/${model}:predict`, {
    instances: samples.map((each) => each.input),
  });
  expect(many.status, many.text.slice(0, 500)).toBe(200);
  const { predictions } = many.body as { predictions: Prediction[] };
  const { raw, probability = 0 } = manifest.tolerance;
  for (const [index, sample] of samples.entries()) {
    const { prediction, probabilities = {} } = predictions[index]!;
    if (manifest.task === 'regression') {
      expect(Math.abs(Number(prediction) - Number(sample.raw[0]))).toBeLessThanOrEqual(raw);
      continue;
    }
    expect(prediction, `sample ${index + 1}`).toBe(sample.label);
    for (const [place, expected] of (sample.probabilities ?? []).entries()) {
      const difference = Math.abs(Number(probabilities[manifest.classes![place]!.label]) - expected);
      expect(difference, `sample ${index + 1}`).toBeLessThanOrEqual(probability);
    }
  }
  expect(app.records()).toHaveLength(samples.length + 1);
}

function readJson(root: string, model: string, version: string, file: string): unknown {
  return JSON.parse(readFileSync(join(root, model, version, file), 'utf8'));
}
