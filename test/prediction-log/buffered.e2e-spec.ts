import { createTestApp } from '../support/create-app.js';
import { TURNOVER_ROW } from '../support/turnover-row.js';

describe('durability "buffered"', () => {
  it('has every record in the files when the server is closed', async () => {
    const app = await createTestApp({ PREDICTION_LOG_DURABILITY: 'buffered' });
    const replies = await Promise.all(Array.from({ length: 200 }, () => app.post('/predict', TURNOVER_ROW)));
    await app.close();

    const answered = replies.map(({ headers }) => headers['x-prediction-id']);
    expect(new Set(app.records().map(({ prediction_id }) => prediction_id))).toEqual(new Set(answered));
    expect(app.records()).toHaveLength(200);
  });

  it('is told by readiness', async () => {
    const app = await createTestApp({ PREDICTION_LOG_DURABILITY: 'buffered' });

    expect((await app.get('/health/ready')).body).toMatchObject({
      info: { prediction_log: { status: 'up', durability: 'buffered' } },
    });
  });
});
