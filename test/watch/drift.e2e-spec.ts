import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DriftCounts } from '../../src/watch/drift-counts.js';
import type { DriftReport } from '../../src/watch/drift-view.js';
import { ARTIFACTS } from '../support/artifacts.js';
import { createTestApp } from '../support/create-app.js';

type Row = Record<string, unknown>;
const HOLDOUT = readFileSync(join(ARTIFACTS, 'turnover', '1', 'holdout.ndjson'), 'utf8')
  .trim()
  .split('\n')
  .map((line) => (JSON.parse(line) as { inputs: Row }).inputs);

const app = await createTestApp();

describe('GET /models/:model/drift', () => {
  it('first', async () => {
    const reply = await app.post('/v1/models/turnover:predict', { instances: HOLDOUT.slice(0, 1000) });
    expect(reply.status).toBe(200);
    await app.app.get(DriftCounts, { strict: false }).flush();
    const drift = await app.get('/models/turnover/drift');
    const body = drift.body as DriftReport;
    console.log(JSON.stringify({ ...body, windows: body.windows.map((w) => ({ ...w, features: w.features.slice(0, 2) })) }, null, 1));
    expect(drift.status).toBe(200);
  });
});
