import { readdirSync } from 'node:fs';
import { ARTIFACTS } from '../support/artifacts.js';
import { createTestApp } from '../support/create-app.js';

const app = await createTestApp();
const up = {
  models: { status: 'up', ready: readdirSync(ARTIFACTS).length },
  prediction_log: { status: 'up', durability: 'written' },
};

describe('health', () => {
  it('/health/live asks nothing', async () => {
    const reply = await app.get('/health/live');

    expect(reply.status).toBe(200);
    expect(reply.body).toEqual({ status: 'ok', info: {}, error: {}, details: {} });
  });

  it.each(['/health/ready', '/health'])('%s asks every model and the prediction log', async (path) => {
    const reply = await app.get(path);

    expect(reply.status, reply.text).toBe(200);
    expect(reply.headers['cache-control']).toMatch(/no-cache|no-store/);
    expect(reply.body).toEqual({ status: 'ok', info: up, error: {}, details: up });
  });
});
