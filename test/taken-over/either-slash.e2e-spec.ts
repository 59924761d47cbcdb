import { createTestApp } from '../support/create-app.js';
import { TURNOVER_ROW } from '../support/turnover-row.js';

const FLOWER = '?data=5.1&data=3.5&data=1.4&data=0.2';
const app = await createTestApp({ CORS_ORIGINS: '*' });
/** Method, path as it is documented, path with the other end, query, body. */
const ROUTES: [string, string, string, string, unknown][] = [
  ['POST', '/predict', '/predict/', '', TURNOVER_ROW],
  [
    'POST',
    '/katana-ml/api/v1.0/diabetes',
    '/katana-ml/api/v1.0/diabetes/',
    '',
    { data: '1,106,70,28,135,34.2,0.142,22' },
  ],
  ['POST', '/v2/models/iris/predict/', '/v2/models/iris/predict', FLOWER, undefined],
  ['POST', '/v2/models/iris-deepaas/predict/', '/v2/models/iris-deepaas/predict', FLOWER, undefined],
  ['POST', '/sentiment', '/sentiment/', '', { ref: [1], text: ['a'] }],
  ['GET', '/apitest', '/apitest/', '', undefined],
  ['HEAD', '/apitest', '/apitest/', '', undefined],
];
const send = (method: string, url: string, body: unknown) =>
  body === undefined
    ? app.send(method, url)
    : app.send(method, url, JSON.stringify(body), { 'content-type': 'application/json' });

describe.each(ROUTES)('%s %s, with the other end of its path', (method, path, other, query, body) => {
  it('answers the same', async () => {
    const [one, two] = [await send(method, path + query, body), await send(method, other + query, body)];

    expect(two).toMatchObject({ status: 200, text: one.text });
    expect(Object.keys(two.headers)).toEqual(Object.keys(one.headers));
  });

  it('is the same route in metrics and records', async () => {
    await send(method, other + query, body);
    const { text } = await app.get('/metrics');

    expect(text).toContain(`method="${method}",route="${path}",`);
    expect(text).not.toContain(`route="${other}"`);
    expect(app.records().map(({ route }) => route)).not.toContain(other);
  });

  it('is not documented twice', async () => {
    const { paths } = (await app.get('/openapi.json')).body as { paths: object };

    expect(paths).toHaveProperty([path]);
    expect(paths).not.toHaveProperty([other]);
  });
});

it('a preflight and a wrong media type meet the same rules', async () => {
  const asked = { origin: 'https://page.example', 'access-control-request-method': 'POST' };
  for (const path of ['/predict', '/predict/']) {
    const preflight = await app.send('OPTIONS', path, undefined, asked);
    expect(preflight).toMatchObject({ status: 204, headers: { 'access-control-allow-origin': '*' } });
    expect(await app.send('POST', path, 'x', { 'content-type': 'text/plain' })).toMatchObject({
      status: 415,
    });
  }
  // Counted as predictions, and so admitted by what they cost.
  const { text } = await app.get('/metrics');
  expect(text).toContain('method="POST",route="/predict",kind="prediction",status="415"');
});
