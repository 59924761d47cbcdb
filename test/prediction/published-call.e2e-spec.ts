import { createTestApp } from '../support/create-app.js';
import { TURNOVER_ROW } from '../support/turnover-row.js';
import { UUID_V7 } from '../support/shapes.js';

const app = await createTestApp();

describe('POST /predict, the published call', () => {
  it('answers the class and nothing else; the header names the record', async () => {
    const reply = await app.post('/predict', TURNOVER_ROW, { 'x-request-id': 'published' });

    expect(reply.status).toBe(200);
    expect(reply.text).toBe('{"prediction":1}');
    expect(reply.headers).toMatchObject({
      'content-type': 'application/json; charset=utf-8',
      'x-request-id': 'published',
      'x-prediction-id': expect.stringMatching(UUID_V7),
    });
    expect(app.records()).toEqual([
      {
        prediction_id: reply.headers['x-prediction-id'],
        request_id: 'published',
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
        model: 'turnover',
        version: '1',
        sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
        route: '/predict',
        inputs: TURNOVER_ROW,
        outputs: {
          prediction: 1,
          label: 'leaves',
          probabilities: { stays: expect.any(Number), leaves: expect.any(Number) },
        },
        duration_us: expect.any(Number),
        principal: null,
        salt: expect.stringMatching(/^[\w-]{22}$/) as string,
        previous: expect.stringMatching(/^[\w-]{43}$/) as string,
        schema: 1,
        seq: 1,
      },
    ]);
  });
});
