import { createTestApp } from '../support/create-app.js';
import { FORM, multipart } from '../support/forms.js';
import { TURNOVER_ROW } from '../support/turnover-row.js';

const app = await createTestApp();
const PATH = '/v2/models/turnover/predict/';
const EMPLOYEE = Object.fromEntries(
  Object.entries(TURNOVER_ROW).map(([name, value]) => [name, String(value)]),
);
const QUERY = new URLSearchParams(EMPLOYEE).toString();
const ANSWER = {
  status: 'OK',
  predictions: { prediction: 1, label: expect.any(String), model: 'turnover', version: '1' },
};
const FLOWER = { sepal_length: '5.1', sepal_width: '3.5', petal_length: '1.4', petal_width: '0.2' };
const MISSING = ['Missing data for required field.'];

describe('a prediction', () => {
  const MULTIPART = multipart(EMPLOYEE);
  it.each([
    ['the query', `?${QUERY}&accept=application/json`, undefined, undefined],
    ['the query, beside an empty body that says it is JSON', `?${QUERY}`, 'application/json', ''],
    ['JSON', '', 'application/json', JSON.stringify(TURNOVER_ROW)],
    ['JSON whose numbers are texts', '', 'application/json', JSON.stringify(EMPLOYEE)],
    ['an urlencoded form', '', FORM, QUERY],
    ['a multipart form', '', ...MULTIPART],
    ['query and form, the query first', '?salary=low', FORM, QUERY.replace('salary=low', 'salary=huge')],
  ])('takes its inputs from %s', async (_, query, type, body) => {
    const headers = type === undefined ? {} : { 'content-type': type };
    const reply = await app.send('POST', PATH + query, body, headers);

    expect(reply).toMatchObject({ status: 200, body: ANSWER });
    const { predictions } = reply.body as { predictions: { prediction_id: string } };
    expect(reply.headers).toMatchObject({
      'x-prediction-id': predictions.prediction_id,
      'cache-control': 'no-store',
    });
    expect(app.records().at(-1)).toMatchObject({
      prediction_id: predictions.prediction_id,
      route: '/v2/models/:model/predict/',
      inputs: TURNOVER_ROW,
    });
  });

  it('is the same without the slash at the end', async () => {
    expect(await app.send('POST', `/v2/models/turnover/predict?${QUERY}`)).toMatchObject({
      status: 200,
      body: ANSWER,
    });
    expect(app.records().at(-1)).toMatchObject({ route: '/v2/models/:model/predict/' });
  });

  it('is refused with every fault in a flat document, and counted', async () => {
    const reply = await app.send('POST', `${PATH}?satisfaction_level=x&number_project=2.5&salary=huge`);

    expect([reply.status, reply.headers['content-type']]).toEqual([422, 'application/json']);
    expect(reply.body).toEqual({
      satisfaction_level: ['Not a valid number.'],
      last_evaluation: MISSING,
      number_project: ['Not a valid integer.'],
      average_montly_hours: MISSING,
      time_spend_company: MISSING,
      Work_accident: MISSING,
      promotion_last_5years: MISSING,
      sales: MISSING,
      salary: ['Must be one of: high, low, medium.'],
    });
    const twice = await app.send('POST', `${PATH}?${QUERY}&last_evaluation=1&sales=x&sales=y`);
    expect(twice).toMatchObject({ status: 422, body: { last_evaluation: ['Not a valid number.'] } });
    const far = await app.send(
      'POST',
      `${PATH}?${QUERY.replace('satisfaction_level=0.38', 'satisfaction_level=-1')}`,
    );
    expect(far).toMatchObject({
      status: 422,
      body: { satisfaction_level: ['Must be greater than or equal to 0.'] },
    });
    expect((await app.get('/metrics')).text).toMatch(
      /nestor_predictions_total\{(?=[^}]*model="turnover")(?=[^}]*outcome="invalid")[^}]*\} 3\n/,
    );
  });

  it.each([
    ['JSON that is none', 'application/json', '{"', 400, { json: ['Invalid JSON body.'] }],
    ['a list', 'application/json', '[]', 400, { json: ['Invalid JSON body.'] }],
    ['another media type', 'text/plain', 'x', 415, { code: 'unsupported_media_type' }],
    ['a multipart form without its boundary', 'multipart/form-data', 'x', 400, { code: 'bad_request' }],
    [
      'half of a multipart form',
      'multipart/form-data; boundary=x',
      '--x\r\nConte',
      400,
      { code: 'bad_request' },
    ],
    ['a form that is not UTF-8', FORM, Buffer.from([0x61, 0x3d, 0xff]), 400, { code: 'bad_request' }],
    ['a form that cannot be decoded', FORM, 'sales=%zz', 422, { sales: [expect.stringContaining('%XX')] }],
    ['too many fields', FORM, 'a=1&'.repeat(101), 413, { code: 'body_too_large' }],
    ['too many parts', ...multipart({ a: Array<string>(101).fill('1') }), 413, { code: 'body_too_large' }],
    ['more than a row takes', 'application/json', ' '.repeat(100_000), 413, { code: 'body_too_large' }],
  ])('takes no %s', async (_, type, body, status, told) => {
    expect(await app.send('POST', PATH, body, { 'content-type': type })).toMatchObject({
      status,
      body: told,
    });
  });

  it('takes a part that is a file for no value', async () => {
    const [type, body] = multipart(EMPLOYEE);
    const withFile = body.replace('name="salary"', 'name="salary"; filename="a.txt"');
    const reply = await app.send('POST', PATH, withFile, { 'content-type': type });

    expect(reply).toMatchObject({ status: 422, body: { salary: ['Must be one of: high, low, medium.'] } });
  });

  it('of a model that there is not is 404', async () => {
    expect(await app.send('POST', '/v2/models/nobody/predict/')).toMatchObject({
      status: 404,
      body: { code: 'model_not_found' },
    });
    expect((await app.send('POST', '/v2/models//predict/')).status).toBe(404);
  });
});

describe.each(['iris', 'iris-deepaas'])('%s, beside the published call', (name) => {
  const path = `/v2/models/${name}/predict/`;
  const SETOSA = '{"status":"OK","predictions":{"labels":[0]}}';

  it.each([
    ['inputs in the query', `?${new URLSearchParams(FLOWER).toString()}`, undefined, undefined],
    ['inputs in a form', '', ...multipart(FLOWER)],
    ['inputs in JSON', '', 'application/json', JSON.stringify(FLOWER)],
    ['data in a form', '', FORM, 'data=5.1&data=3.5&data=1.4&data=0.2'],
    ['data in a multipart form', '', ...multipart({ data: Object.values(FLOWER) })],
    ['data in JSON', '', 'application/json', '{"data":[5.1,3.5,1.4,0.2]}'],
  ])('takes its %s', async (_, query, type, body) => {
    const headers = type === undefined ? {} : { 'content-type': type };
    expect(await app.send('POST', path + query, body, headers)).toMatchObject({ status: 200, text: SETOSA });
  });

  it('refuses inputs in a flat document, and all else as ever', async () => {
    expect(await app.send('POST', `${path}?sepal_length=long`)).toMatchObject({
      status: 422,
      body: { sepal_length: ['Not a valid number.'], sepal_width: MISSING },
    });
    for (const [type, body] of [
      ['application/json', '{"'],
      ['application/json', '{"data":[[1],{},true,null]}'],
      ['text/plain', 'x'],
    ] as const)
      expect(await app.send('POST', path, body, { 'content-type': type })).toMatchObject({
        status: 400,
        body: {
          code: 'invalid_input',
          errors: expect.arrayContaining([expect.objectContaining({ pointer: '/data' })]),
        },
      });
  });
});
