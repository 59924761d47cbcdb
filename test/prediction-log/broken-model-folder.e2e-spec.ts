import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { vi } from 'vitest';
import { createTestApp } from '../support/create-app.js';
import { metric } from '../support/metrics.js';
import { problem } from '../support/shapes.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { TURNOVER_ROW } from '../support/turnover-row.js';

const IRIS = { sepal_length: 5.1, sepal_width: 3.5, petal_length: 1.4, petal_width: 0.2 };

describe('a model whose record folder cannot be written to', () => {
  it('is refused alone, which readiness and metrics say, and comes back by itself', async () => {
    const PREDICTION_LOG_DIR = temporaryFolder();
    const inItsPlace = join(PREDICTION_LOG_DIR, 'model=turnover');
    writeFileSync(inItsPlace, '');
    const app = await createTestApp({ PREDICTION_LOG_DIR });
    for (let call = 0; call < 3; call++) {
      const refused = await app.post('/models/turnover/predict', TURNOVER_ROW);
      expect(refused.status).toBe(503);
      expect(refused.headers['retry-after']).toBe('1');
      expect(refused.body).toEqual(problem('prediction_log_unavailable', 503));
      expect((await app.post('/models/iris/predict', IRIS)).status).toBe(200);
    }

    expect(await app.get('/health/ready')).toMatchObject({
      status: 200,
      body: {
        info: {
          models: { status: 'up', ready: 4, unready: ['turnover'] },
          prediction_log: { status: 'up', durability: 'written' },
        },
      },
    });
    expect(await app.get('/models/turnover/ready')).toMatchObject({
      status: 503,
      body: problem('prediction_log_unavailable', 503),
    });
    expect((await app.get('/models/iris/ready')).status).toBe(200);
    const { text } = await app.get('/metrics');
    expect(metric(text, 'nestor_model_ready', { model: 'turnover' })).toBe(0);
    expect(metric(text, 'nestor_model_ready', { model: 'iris' })).toBe(1);
    expect(metric(text, 'nestor_prediction_log_model_refused', { model: 'turnover' })).toBe(1);
    expect(metric(text, 'nestor_prediction_log_writable')).toBe(1);

    rmSync(inItsPlace);
    await vi.waitFor(async () => expect((await app.get('/models/turnover/ready')).status).toBe(200), 5_000);
    expect((await app.post('/models/turnover/predict', TURNOVER_ROW)).status).toBe(200);
    expect(app.records().filter(({ model }) => model === 'turnover')).toHaveLength(1);
  });
});
