import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Manifest } from '../../src/artifacts/manifest.js';
import { ARTIFACTS } from '../support/artifacts.js';
import { predictExample } from '../support/predict-example.js';

describe('the golden samples of every committed model', () => {
  it.each(readdirSync(ARTIFACTS))('%s answers them over HTTP like its estimator', async (model) => {
    const path = join(ARTIFACTS, model, '1', 'manifest.json');
    const { inputs } = JSON.parse(readFileSync(path, 'utf8')) as Manifest;

    await predictExample(model, Object.fromEntries(inputs.map(({ name, example }) => [name, example])));
  });
});
