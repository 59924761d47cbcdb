import { createTestApp } from '../support/create-app.js';
import { askBy, DOORS } from '../support/prediction-doors.js';
import { UUID_V7 } from '../support/shapes.js';
import { TURNOVER_ROW } from '../support/turnover-row.js';

const app = await createTestApp();

describe('the reply to one row, whatever door it came by', () => {
  it.each(DOORS)('names its record in a header, and is kept by no cache: %s %s', async (...door) => {
    const reply = await askBy(app, door);

    expect(reply.status, reply.text).toBe(200);
    expect(reply.headers).toMatchObject({
      'x-prediction-id': expect.stringMatching(UUID_V7) as string,
      'cache-control': 'no-store',
    });
    const id = reply.headers['x-prediction-id'];
    expect(app.records().filter(({ prediction_id }) => prediction_id === id)).toHaveLength(1);
  });
});

it.each<[string, unknown]>([
  ['/sentiment', { ref: [1, 2], text: ['a', 'b'] }],
  ['/v1/models/turnover:predict', { instances: [TURNOVER_ROW, TURNOVER_ROW] }],
])('the reply to several rows has no such header, and is kept by no cache either: %s', async (url, body) => {
  const { status, headers } = await app.post(url, body);

  expect(status).toBe(200);
  expect(headers).not.toHaveProperty('x-prediction-id');
  expect(headers['cache-control']).toBe('no-store');
});

it.each(['/predict', '/models/turnover/predict'])('a refusal has none: %s', async (url) => {
  expect((await app.post(url, {})).headers).not.toHaveProperty('x-prediction-id');
});
