import { readdirSync } from 'node:fs';
import { ARTIFACTS } from '../support/artifacts.js';
import { createTestApp } from '../support/create-app.js';
import { problem } from '../support/shapes.js';

const app = await createTestApp();
const up = {
  models: { status: 'up', ready: readdirSync(ARTIFACTS).length, unready: [] },
  prediction_log: { status: 'up', durability: 'written' },
};

describe('health', () => {
  it('/health/live asks nothing', async () => {
    const reply = await app.get('/health/live');

    expect(reply.status).toBe(200);
    expect(reply.body).toEqual({ status: 'ok', info: {}, error: {}, details: {} });
  });

  it('/health/started asks whether loading has ended', async () => {
    const loading = { loading: { status: 'up' } };

    expect(await app.get('/health/started')).toMatchObject({
      status: 200,
      body: { status: 'ok', info: loading, error: {}, details: loading },
    });
  });

  it('/models/:model/ready says it of one model', async () => {
    expect(await app.get('/models/turnover/ready')).toMatchObject({
      status: 200,
      body: { ready: true, version: '1' },
    });
    expect((await app.get('/models/nobody/ready')).body).toEqual(problem('model_not_found', 404));
  });

  it.each(['/health/ready', '/health'])('%s asks every model and the prediction log', async (path) => {
    const reply = await app.get(path);

    expect(reply.status, reply.text).toBe(200);
    expect(reply.headers['cache-control']).toMatch(/no-cache|no-store/);
    expect(reply.body).toEqual({ status: 'ok', info: up, error: {}, details: up });
  });
});

it('no plugin bounds how long the server may take to end, as what is in flight may take long', () => {
  expect(app.app.getHttpAdapter().getInstance()).toMatchObject({ initialConfig: { pluginTimeout: 0 } });
});
