import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Manifest } from '../../src/artifacts/manifest.js';
import { ARTIFACTS, sha256 } from '../support/artifacts.js';
import { createTestApp } from '../support/create-app.js';
import { problem } from '../support/shapes.js';

const app = await createTestApp();
const read = (...path: string[]): Buffer => readFileSync(join(ARTIFACTS, ...path));
const manifest = JSON.parse(read('turnover', '1', 'manifest.json').toString()) as Manifest;
const digest = sha256(read('turnover', '1', 'model.onnx'));
const summary = {
  name: 'turnover',
  version: '1',
  versions: [{ version: '1', state: 'ready', sha256: digest, runs_in: 'server' }],
  state: 'ready',
  task: 'classification',
  sha256: digest,
  description: manifest.description,
};

describe('what is served', () => {
  it('GET /models lists every committed model, all of them ready', async () => {
    const reply = await app.get('/models');
    const { models } = reply.body as { models: { name: string; state: string }[] };

    expect(reply.status).toBe(200);
    expect(models.find(({ name }) => name === 'turnover')).toEqual(summary);
    expect(models.map(({ name, state }) => `${name} ${state}`)).toEqual(
      readdirSync(ARTIFACTS)
        .toSorted()
        .map((name) => `${name} ready`),
    );
  });

  it('GET /models/:model tells what the manifest tells', async () => {
    const { authors, license, created, inputs, classes, metrics, training } = manifest;
    const reply = await app.get('/models/turnover');

    expect(reply).toMatchObject({
      status: 200,
      headers: { 'content-type': 'application/json; charset=utf-8' },
    });
    expect(reply.body).toEqual({
      ...summary,
      aliases: { champion: '1' },
      authors,
      license,
      created,
      inputs,
      classes,
      metrics,
      training,
    });
  });

  it.each(['__proto__', 'constructor', 'TURNOVER', 'x'.repeat(100)])(
    'GET /models/%s is a 404',
    async (name) => {
      const reply = await app.get(`/models/${encodeURIComponent(name)}`);

      expect(reply.status).toBe(404);
      expect((reply.body as { code: string }).code).toMatch(/^(model|route)_not_found$/);
    },
  );

  it('a model that is not there is a whole problem', async () => {
    const reply = await app.get('/models/nobody');

    expect(reply.body).toEqual(
      problem('model_not_found', 404, { detail: 'there is no model "nobody"; GET /models lists them' }),
    );
  });
});
