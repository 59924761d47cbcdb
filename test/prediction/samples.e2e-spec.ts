import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Manifest, Sample } from '../../src/artifacts/manifest.js';
import { ARTIFACTS } from '../support/artifacts.js';
import { createTestApp } from '../support/create-app.js';

interface Prediction {
  readonly prediction: number | string;
  readonly probabilities?: Readonly<Record<string, number>>;
}

interface ModelView {
  readonly version: string;
  readonly state: string;
  readonly reason?: string;
  readonly versions: readonly { readonly reason?: string }[];
}

const app = await createTestApp();
const readJson = (...path: string[]): unknown => JSON.parse(readFileSync(join(ARTIFACTS, ...path), 'utf8'));

describe('the golden samples of every model of the repository', () => {
  it.each(readdirSync(ARTIFACTS))('%s answers them over HTTP like its estimator', async (model) => {
    const { version, state, reason, versions } = (await app.get(`/models/${model}`)).body as ModelView;
    const reasons = [reason, ...versions.map((each) => each.reason)].filter(Boolean).join('; ');
    expect(state, `${model} does not answer: ${reasons}`).toBe('ready');
    const { tolerance, task, classes } = readJson(model, version, 'manifest.json') as Manifest;
    const { samples } = readJson(model, version, 'samples.json') as { samples: Sample[] };
    const instances = samples.map(({ input }) => input);
    const reply = await app.post(`/v1/models/${model}:predict`, { instances });

    expect(reply.status, reply.text.slice(0, 500)).toBe(200);
    const { predictions } = reply.body as { predictions: Prediction[] };
    expect(predictions).toHaveLength(samples.length);
    for (const [index, sample] of samples.entries()) {
      const { prediction, probabilities = {} } = predictions[index]!;
      if (task === 'regression') {
        expect(Math.abs(Number(prediction) - Number(sample.raw[0]))).toBeLessThanOrEqual(tolerance.raw ?? 0);
        continue;
      }
      expect(prediction, `sample ${index + 1}`).toBe(sample.label);
      for (const [place, expected] of (sample.probabilities ?? []).entries()) {
        const difference = Math.abs(Number(probabilities[classes![place]!.label]) - expected);
        expect(difference, `sample ${index + 1}`).toBeLessThanOrEqual(tolerance.probability ?? 0);
      }
    }
    expect(app.records().filter((record) => record.model === model)).toHaveLength(samples.length);
  });
});
