import { createTestApp } from '../support/create-app.js';
import { problem } from '../support/shapes.js';

const app = await createTestApp();
const ANSWER = { prediction: 'Negative', confidence: expect.closeTo(0.193, 3) };
const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
const JSON_TYPE = { 'content-type': 'application/json' };

describe('GET /?query=, the published call', () => {
  it('answers label and P(positive) with three decimals, and records the text', async () => {
    const reply = await app.get('/?query=that%20movie%20was%20boring');
    expect(reply).toMatchObject({ status: 200, body: ANSWER });
    expect(Object.keys(reply.body as object)).toEqual(['prediction', 'confidence']);
    expect(reply.text).toMatch(/"confidence":0\.\d{1,3}}$/);
    expect(app.records()).toMatchObject([
      { model: 'sentiment', route: '/', inputs: { text: 'that movie was boring' } },
    ]);
  });

  it.each([
    ['urlencoded', FORM, 'query=that+movie+was+boring'],
    ['urlencoded as curl -d writes it', FORM, 'query=that movie was boring'],
    ['JSON', JSON_TYPE, '{"query":"that movie was boring"}'],
  ])('takes the query from a body that is %s', async (_, headers, body) => {
    expect(await app.send('GET', '/', body, headers)).toMatchObject({ status: 200, body: ANSWER });
  });

  it('judges the empty text by the share of the classes in training', async () => {
    const reply = await app.get('/?query=');
    expect(reply).toMatchObject({
      status: 200,
      body: { prediction: 'Positive', confidence: expect.closeTo(0.52, 1) },
    });
  });

  it('answers the index without a query, also to a JSON content type without a body', async () => {
    const index = {
      name: 'nestor',
      version: expect.stringMatching(/^\d+\.\d+\.\d+$/),
      versions: [{ version: 'stable', id: 'v2', links: [{ href: '/v2/' }] }],
      links: [
        { rel: 'help', type: 'text/html', href: '/ui' },
        { rel: 'describedby', type: 'application/json', href: '/swagger.json' },
      ],
      paths: {
        models: './models',
        health: './health',
        docs: './docs',
        redoc: './redoc',
        openapi: './openapi.json',
      },
    };
    expect(await app.get('/')).toMatchObject({ status: 200, body: index });
    expect(await app.get('/', JSON_TYPE)).toMatchObject({ status: 200, body: index });
  });

  it.each([
    ['JSON', JSON_TYPE, '{"query":"that movie was boring"}'],
    ['urlencoded', FORM, 'query=that+movie+was+boring'],
  ])('answers alike by POST with the text in a body that is %s', async (_, headers, body) => {
    expect(await app.send('POST', '/', body, headers)).toMatchObject({ status: 200, body: ANSWER });
    expect(app.records().at(-1)).toMatchObject({ route: '/', inputs: { text: 'that movie was boring' } });
  });

  it('asks for the text of a POST', async () => {
    expect((await app.send('POST', '/')).body).toEqual(
      problem('invalid_input', 400, {
        errors: [{ pointer: '/query', code: 'required', detail: 'is missing' }],
        error_count: 1,
      }),
    );
  });

  it('refuses two queries, a text over the limit, another media type and broken JSON', async () => {
    const pointer = { errors: [{ pointer: '/query', code: expect.any(String), detail: expect.any(String) }] };
    const invalid = problem('invalid_input', 400, { ...pointer, error_count: 1 });
    expect((await app.get('/?query=a&query=b')).body).toEqual(invalid);
    expect((await app.send('GET', '/', `query=${'a'.repeat(10_001)}`, FORM)).body).toEqual(invalid);
    expect((await app.send('GET', '/', '{"query":', JSON_TYPE)).body).toEqual(problem('body_not_json', 400));
    const media = await app.send('GET', '/', 'query=a', { 'content-type': 'text/plain' });
    expect(media.body).toEqual(problem('unsupported_media_type', 415));
  });
});
