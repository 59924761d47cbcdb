import { createTestApp } from '../support/create-app.js';

const app = await createTestApp();
const call = (name: string, query: string) => app.send('POST', `/v2/models/${name}/predict/${query}`);
const SETOSA = '?data=5.1&data=3.5&data=1.4&data=0.2';

describe('POST /v2/models/iris-deepaas/predict/, the published call', () => {
  it.each(['iris', 'iris-deepaas'])('answers the labels under the name %s', async (name) => {
    const reply = await call(name, SETOSA);
    expect(reply).toMatchObject({ status: 200, text: '{"status":"OK","predictions":{"labels":[0]}}' });
  });

  it.each([
    ['an empty one that says it is JSON', 'application/json', ''],
    ['JSON', 'application/json', '{}'],
    ['a form', 'application/x-www-form-urlencoded', 'data=1'],
  ])('takes no body, and minds none: %s', async (_, type, body) => {
    const reply = await app.send('POST', `/v2/models/iris/predict/${SETOSA}`, body, { 'content-type': type });
    expect(reply).toMatchObject({ status: 200, text: '{"status":"OK","predictions":{"labels":[0]}}' });
  });

  it('tells the three species apart', async () => {
    const labels = async (query: string) =>
      ((await call('iris', query)).body as { predictions: { labels: number[] } }).predictions.labels;
    expect(await labels('?data=6.0&data=2.7&data=4.2&data=1.3')).toEqual([1]);
    expect(await labels('?data=7.2&data=3.2&data=6.0&data=2.1')).toEqual([2]);
  });

  it('is called iris in records, metrics and GET /models, whatever the caller called it', async () => {
    const records = app.records();
    expect(new Set(records.map(({ model }) => model))).toEqual(new Set(['iris']));
    expect(new Set(records.map(({ route }) => route))).toEqual(
      new Set(['/v2/models/iris/predict/', '/v2/models/iris-deepaas/predict/']),
    );
    expect((await app.get('/metrics')).text).not.toContain('iris-deepaas"');
    expect(JSON.stringify((await app.get('/models')).body)).not.toContain('deepaas');
    expect((await app.get('/models/iris-deepaas')).status).toBe(404);
    expect((await app.post('/models/iris-deepaas/predict', {})).status).toBe(404);
  });

  it.each([
    ['three values', '?data=5.1&data=3.5&data=1.4', 'holds 3 values; send 4'],
    ['no value', '', 'holds 0 values; send 4'],
    ['a word', '?data=5.1&data=x&data=1.4&data=0.2', 'value 2 (sepal_width) must be a number; got "x"'],
    [
      'a negative length',
      '?data=-5.1&data=3.5&data=1.4&data=0.2',
      'value 1 (sepal_length) must be at least 0',
    ],
  ])('refuses %s and names the place', async (_, query, detail) => {
    expect(await call('iris', query)).toMatchObject({
      status: 400,
      body: {
        code: 'invalid_input',
        errors: [{ pointer: '/data', detail: expect.stringContaining(detail) }],
      },
    });
  });
});
