import { createTestApp, type Answer } from '../support/create-app.js';
import { pathOf, routesOf, withKeys } from '../support/keys.js';
import { problem } from '../support/shapes.js';
import { TURNOVER_ROW } from '../support/turnover-row.js';

const { settings, keys } = withKeys({
  all: {},
  iris: { models: ['iris', 'not-there'] },
  none: { models: [] },
});
const { made: test, routes } = await routesOf(() => createTestApp(settings));

type Key = keyof typeof keys;
const auth = (key: Key): Record<string, string> => ({ authorization: `Bearer ${keys[key]}` });
const get = (key: Key, url: string): Promise<Answer> => test.get(url, auth(key));
const post = (key: Key, url: string, body: unknown): Promise<Answer> => test.post(url, body, auth(key));
const IRIS = { sepal_length: 5.1, sepal_width: 3.5, petal_length: 1.4, petal_width: 0.2 };
const TRAINING = { type: 'object', additionalProperties: false, properties: {} };

const bound = routes.filter(({ url }) => /:(model|name)\b/.test(url));
const predicting = routes.filter(({ isPrediction, method }) => isPrediction && method !== 'HEAD');

describe('a key for some models', () => {
  it('is told of many routes', () => {
    expect(bound.length).toBeGreaterThan(40);
    expect(predicting.length).toBeGreaterThan(12);
  });

  it.each(bound.map(({ method, url }) => [method, url] as const))(
    'is refused for another one, whether it is there or not: %s %s',
    async (method, url) => {
      for (const model of ['turnover', 'nobody', 'IRIS', 'iris%20', '%00']) {
        const path = pathOf(url, { model, name: model, version: '1' });
        // As no body is read, none is missed.
        const reply = await test.send(method, path, undefined, auth('iris'));
        expect(reply.status, path).toBe(403);
        if (method !== 'HEAD')
          expect(reply.body).toMatchObject({
            code: 'forbidden',
            detail: expect.stringContaining('key') as string,
          });
      }
    },
  );

  it.each(predicting.map(({ method, url }) => [method, url] as const))(
    'predicts by none of the doors where it has no model: %s %s',
    async (method, url) => {
      const names = url.includes('/v2/') ? ['iris', 'iris-deepaas'] : ['iris'];
      for (const name of names) {
        const path = `${pathOf(url, { model: name, version: '1' })}?query=good`;
        const reply = await test.send(method, path, undefined, auth('none'));
        expect(reply, path).toMatchObject({ status: 403, body: { code: 'forbidden' } });
      }
    },
  );

  it('predicts with its own, by its names', async () => {
    expect(await post('iris', '/models/iris/predict', IRIS)).toMatchObject({ status: 200 });
    expect(await post('iris', '/models/%69ris/versions/1/predict', IRIS)).toMatchObject({ status: 200 });
    expect(await post('iris', '/v1/models/iris:predict', { instances: [IRIS] })).toMatchObject({
      status: 200,
    });
    for (const name of ['iris', 'iris-deepaas'])
      expect(await post('iris', `/v2/models/${name}/predict/?data=5&data=3&data=1&data=0`, '')).toMatchObject(
        {
          status: 200,
        },
      );
    expect(await get('iris', '/v2/models/iris-deepaas/')).toMatchObject({ status: 200 });
    expect(await post('all', '/predict', TURNOVER_ROW)).toMatchObject({ status: 200 });
  });

  it('hears of its own that it is not there', async () => {
    for (const path of ['/models/not-there', '/models/not-there/drift', '/v2/models/not-there/'])
      expect((await get('iris', path)).body).toEqual(problem('model_not_found', 404));
  });

  it('has lists without the others', async () => {
    expect(((await get('iris', '/models')).body as { models: object[] }).models).toMatchObject([
      { name: 'iris' },
    ]);
    const named = ((await get('iris', '/v2/models/')).body as { models: { name: string }[] }).models;
    expect(named.map(({ name }) => name)).toEqual(['iris', 'iris-deepaas']);
    const page = await test.get('/', { ...auth('iris'), accept: 'text/html' });
    expect(page.text).toContain('model-iris');
    expect(page.text).not.toMatch(/turnover|sentiment|diabetes/);
    expect((await test.get('/', { ...auth('all'), accept: 'text/html' })).text).toContain('model-turnover');
    expect((await get('none', '/models')).body).toEqual({ models: [] });
    expect((await get('none', '/')).status).toBe(200);
  });

  it('labels predictions of its own, and finds their records', async () => {
    const idOf = ({ body }: Answer): string => (body as { prediction_id: string }).prediction_id;
    const own = idOf(await post('all', '/models/iris/predict', IRIS));
    const other = idOf(await post('all', '/models/turnover/predict', TURNOVER_ROW));
    const feedback = [own, other].map((prediction_id) => ({ prediction_id, value: 0 }));

    const { body } = await post('iris', '/feedback', { feedback });
    expect(body).toMatchObject({ accepted: 1, rejected: [{ index: 1, code: 'forbidden' }] });
    expect((await post('all', '/feedback', { feedback })).body).toMatchObject({ accepted: 1, unchanged: 1 });
    expect(await get('iris', `/predictions/${own}`)).toMatchObject({ status: 200, body: { model: 'iris' } });
    expect((await get('iris', `/predictions/${other}`)).body).toEqual(problem('prediction_not_found', 404));
    expect((await get('iris', `/predictions/${other.toUpperCase()}`)).status).toBe(404);
    expect(await get('all', `/predictions/${other}`)).toMatchObject({ status: 200 });
  });

  it('has the jobs of its own, and as a runner none but these', async () => {
    const claim = (key: Key, ...models: string[]): Promise<Answer> =>
      post(key, '/runners/claim', {
        runner: key,
        models: Object.fromEntries(models.map((model) => [model, TRAINING])),
      });
    const job = async (model: string): Promise<string> =>
      ((await post('all', `/models/${model}/train`, {})).body as { id: string }).id;
    const other = await job('turnover');
    const own = await job('iris');

    const jobs = async (query: string): Promise<unknown> =>
      ((await get('iris', `/jobs${query}`)).body as { jobs: { id: string }[] }).jobs.map(({ id }) => id);
    expect(await jobs('')).toEqual([own]);
    expect(await jobs('?state=queued&model=iris')).toEqual([own]);
    expect(await jobs('?model=turnover')).toEqual([]);
    expect((await get('none', '/jobs')).body).toEqual({ jobs: [] });

    expect((await claim('none', 'iris')).body).toEqual(problem('forbidden', 403));
    expect((await claim('iris', 'iris', 'turnover')).body).toMatchObject({ job: { id: own, model: 'iris' } });
    // What a runner would say of a model that its key is not for is not heard.
    expect((await post('all', '/models/turnover/train', { arguments: { a: 1 } })).status).toBe(202);
    const taken = (await claim('all', 'turnover')).body as { job: object; lease: { token: string } };
    expect(taken.job).toMatchObject({ id: other });

    const { token } = taken.lease;
    const gone = problem('job_not_found', 404);
    const beat = { token, stage: 'fit' };
    expect((await get('iris', `/jobs/${other}`)).body).toEqual(gone);
    expect((await get('iris', `/jobs/${other}/events`)).body).toEqual(gone);
    expect((await post('iris', `/jobs/${other}/heartbeat`, beat)).body).toEqual(gone);
    expect((await post('iris', `/jobs/${other}/result`, { token, state: 'cancelled' })).body).toEqual(gone);
    expect((await test.send('DELETE', `/jobs/${other}`, undefined, auth('iris'))).body).toEqual(gone);
    expect((await get('all', `/jobs/${other}`)).body).toMatchObject({ state: 'running' });
    expect((await post('all', `/jobs/${other}/heartbeat`, beat)).body).toEqual({ cancel: false });

    const lease = { ...auth('iris'), 'x-job-lease': token };
    for (const path of ['labelled', 'versions/1/artifact']) {
      expect((await test.get(`/models/turnover/${path}`, lease)).status).toBe(403);
      expect((await test.get(`/models/iris/${path}`, lease)).body).toMatchObject({ code: 'lease_lost' });
    }
  });
});
