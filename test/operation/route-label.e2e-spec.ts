import { createTestApp } from '../support/create-app.js';
import { TURNOVER_ROW } from '../support/turnover-row.js';

const app = await createTestApp();

describe('the route label of HTTP metrics', () => {
  it('is the template as the documentation writes it', async () => {
    await app.post('/v1/models/turnover:predict', { instances: [TURNOVER_ROW] });
    await app.post('/models/turnover/predict', TURNOVER_ROW);
    const { text } = await app.get('/metrics');

    expect(text).toContain(
      '_count{method="POST",route="/v1/models/:model:predict",kind="prediction",status="200"} 1',
    );
    expect(text).toContain(
      '_count{method="POST",route="/models/:model/predict",kind="prediction",status="200"} 1',
    );
  });
});
