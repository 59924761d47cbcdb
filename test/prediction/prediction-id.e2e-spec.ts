import { createTestApp } from '../support/create-app.js';
import { UUID_V7 } from '../support/shapes.js';
import { TURNOVER_ROW } from '../support/turnover-row.js';

const app = await createTestApp();
const FLOWER = '?data=5.1&data=3.5&data=1.4&data=0.2';
const DIABETES = { data: '1,106,70,28,135,34.2,0.142,22' };

describe('the reply to one row, whatever door it came by', () => {
  it.each<[string, string, unknown]>([
    ['POST', '/predict', TURNOVER_ROW],
    ['POST', '/katana-ml/api/v1.0/diabetes', DIABETES],
    ['POST', `/v2/models/iris/predict/${FLOWER}`, undefined],
    ['POST', `/v2/models/iris-deepaas/predict/${FLOWER}`, undefined],
    ['GET', '/?query=a', undefined],
    ['GET', '/', { query: 'a' }],
    ['POST', '/sentiment', { ref: [1], text: ['a'] }],
    ['POST', '/models/turnover/predict', TURNOVER_ROW],
    ['POST', '/models/turnover/versions/1/predict', TURNOVER_ROW],
    ['POST', '/v1/models/turnover:predict', { instances: [TURNOVER_ROW] }],
    ['POST', '/v1/models/turnover/versions/1:predict', { instances: [TURNOVER_ROW] }],
  ])('names its record in a header, and is kept by no cache: %s %s', async (method, url, body) => {
    const reply = await (body === undefined
      ? app.send(method, url)
      : app.send(method, url, JSON.stringify(body), { 'content-type': 'application/json' }));

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
