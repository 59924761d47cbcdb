import { createTestApp } from '../support/create-app.js';
import { prediction } from '../support/shapes.js';
import { TURNOVER_ROW } from '../support/turnover-row.js';

const app = await createTestApp();

describe('POST /models/:model/predict', () => {
  it('answers class, label, probabilities and the id of the record', async () => {
    const reply = await app.post('/models/turnover/predict', TURNOVER_ROW);

    expect(reply.status).toBe(200);
    expect(reply.body).toEqual({
      ...prediction('turnover', ['stays', 'leaves']),
      prediction: 1,
      label: 'leaves',
    });
    const { prediction_id, probabilities } = reply.body as {
      prediction_id: string;
      probabilities: { stays: number; leaves: number };
    };
    expect(probabilities.leaves).toBeGreaterThan(0.5);
    expect(probabilities.stays + probabilities.leaves).toBe(1);
    expect(app.records()).toMatchObject([
      { prediction_id, route: '/models/:model/predict', inputs: TURNOVER_ROW, outputs: { probabilities } },
    ]);
  });

  it('takes the inputs in any order', async () => {
    const backwards = Object.fromEntries(Object.entries(TURNOVER_ROW).toReversed());
    const replies = await Promise.all(
      [TURNOVER_ROW, backwards].map((row) => app.post('/models/turnover/predict', row)),
    );

    const [first, second] = replies.map(({ body }) => body as { probabilities: object });
    expect(second!.probabilities).toEqual(first!.probabilities);
  });

  it('knows no other model', async () => {
    const reply = await app.post('/models/nobody/predict', TURNOVER_ROW);

    expect(reply.status).toBe(404);
    expect(reply.body).toMatchObject({
      code: 'model_not_found',
      detail: 'there is no model "nobody"; GET /models lists them',
    });
  });
});
