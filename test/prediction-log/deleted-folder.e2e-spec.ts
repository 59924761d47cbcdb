import { rmSync } from 'node:fs';
import { createTestApp } from '../support/create-app.js';
import { TURNOVER_ROW } from '../support/turnover-row.js';

describe('a record folder that somebody deletes under a running server', () => {
  it.each(['', '/model=turnover'])('is made anew: all of it but %j', async (kept) => {
    const app = await createTestApp();
    const folder = app.settings['PREDICTION_LOG_DIR']!;
    await app.post('/predict', TURNOVER_ROW);
    rmSync(folder + kept, { recursive: true });
    const reply = await app.post('/predict', TURNOVER_ROW);

    expect(reply.status).toBe(200);
    expect(app.records().map(({ prediction_id }) => prediction_id)).toEqual([
      reply.headers['x-prediction-id'],
    ]);
    expect((await app.get('/health/ready')).status).toBe(200);
  });

  it('does not break the metrics in the meantime', async () => {
    const app = await createTestApp();
    rmSync(app.settings['PREDICTION_LOG_DIR']!, { recursive: true });

    expect((await app.get('/metrics')).status).toBe(200);
  });
});
