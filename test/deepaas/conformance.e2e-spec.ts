import { randomBytes } from 'node:crypto';
import { createTestApp, type Answer } from '../support/create-app.js';

/** What DEEPaaS's own suites say of its API, of our models in place of its placeholder. */
const app = await createTestApp();
const VERSION = {
  version: 'stable',
  id: 'v2',
  links: [{ rel: 'self', type: 'application/json', href: '/v2/' }],
};
const IRIS = {
  id: 'iris',
  name: 'iris',
  author: 'Nestor contributors',
  description: 'Predicts the species of an iris from the lengths and widths of its sepals and petals.',
  summary: 'Predicts the species of an iris from the lengths and widths of its sepals and petals.',
  license: 'MIT',
  version: '1',
  links: [{ rel: 'self', href: '/v2/models/iris' }],
};
const random = (): string => randomBytes(16).toString('hex');

/** As clients that follow redirects, the method staying what it is. */
async function followed(method: string, path: string): Promise<Answer> {
  const reply = await app.send(method, path);
  if (reply.status !== 308) return reply;
  return app.send(method, new URL(String(reply.headers['location']), `http://a${path}`).pathname);
}

it.each(['GET', 'PUT', 'POST', 'DELETE'])('%s of a model that there is not is 404', async (method) => {
  expect((await followed(method, `/v2/models/${random()}`)).status).toBe(404);
  expect((await followed(method, `/v2/models/${random()}/`)).status).toBe(404);
});

it.each([
  ['PUT', 'train'],
  ['GET', 'train'],
  ['POST', 'train'],
  ['POST', 'predict'],
])('so is %s of its /%s', async (method, what) => {
  expect((await followed(method, `/v2/models/${random()}/${what}`)).status).toBe(404);
});

it.each(['POST', 'PUT', 'DELETE'])('%s of the list of models, and of one, is 405', async (method) => {
  for (const path of ['/v2/models/', '/v2/models/iris/', '/v2/models/iris']) {
    const reply = await followed(method, path);
    expect([reply.status, reply.headers['allow']]).toEqual([405, 'GET, HEAD']);
  }
  expect((await app.send('PUT', '/v2/models/iris/train/')).status).toBe(405);
});

it('the models are listed as each is shown by itself', async () => {
  const { status, body } = await followed('GET', '/v2/models');
  const { models } = body as { models: { name: string }[] };

  expect([status, (await app.get('/v2/models/')).body]).toEqual([200, body]);
  expect(models).toContainEqual(IRIS);
  expect(models.map(({ name }) => name)).toEqual([
    'diabetes',
    'iris',
    'iris-deepaas',
    'sentiment',
    'sentiment-deep',
    'turnover',
  ]);
  for (const model of models)
    expect(await followed('GET', `/v2/models/${model.name}`)).toMatchObject({ status: 200, body: model });
});

it('a prediction without anything misses every input', async () => {
  const { status, body } = await app.send('POST', '/v2/models/sentiment/predict/');

  expect([status, body]).toEqual([422, { text: ['Missing data for required field.'] }]);
});

it('a training answers 200, and its arguments come back as numbers', async () => {
  const { status, body } = await app.post('/v2/models/turnover/train/', { sleep: 0 });
  const { date, uuid, ...rest } = body as { date: string; uuid: string };

  expect([status, rest]).toEqual([200, { status: 'running', args: { sleep: 0 } }]);
  expect([typeof date, typeof uuid]).toEqual(['string', 'string']);
});

it('the version says where it is', async () => {
  expect(await followed('GET', '/v2')).toMatchObject({ status: 200, body: VERSION });
});

it('nothing is printed for others to read', async () => {
  for (const path of ['/v2/debug/', '/v2/debug'])
    expect(await app.get(path)).toMatchObject({ status: 204, text: '' });
});

it('slashes before /v2 are merged, whatever stands behind', async () => {
  const reply = await app.get('///v2/models/iris/?a=b');
  expect([reply.status, reply.headers['location']]).toEqual([308, '/v2/models/iris/?a=b']);
  expect(await followed('POST', '//v2/models/iris/predict')).toMatchObject({ status: 400 });
  expect((await app.get('//evil.example/')).status).toBe(404);
});

it('a redirect leads to no other host, and keeps the query', async () => {
  for (const name of ['http:evil.example', '%2F%2Fevil.example', 'iris?a=b']) {
    const { headers } = await app.get(`/v2/models/${name}`);
    const url = new URL(String(headers['location']), 'http://a/v2/models/x');
    expect(url.host).toBe('a');
    expect(url.pathname).toMatch(/^\/v2\/models\/[^/]+\/$/);
    expect(url.search).toBe(name.endsWith('?a=b') ? '?a=b' : '');
  }
});
