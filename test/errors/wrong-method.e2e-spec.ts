import { createTestApp } from '../support/create-app.js';
import { problem } from '../support/shapes.js';

const app = await createTestApp();

describe('a known path with a wrong method', () => {
  it.each([
    ['DELETE', '/predict', ['POST']],
    ['GET', '/predict/', ['POST']],
    ['DELETE', '/v2/models/iris/predict', ['POST']],
    ['GET', '/models/turnover/predict', ['POST']],
    ['PUT', '/models/turnover/predict', ['POST']],
    ['PATCH', '/models/turnover/versions/1/predict', ['POST']],
    ['GET', '/v1/models/turnover:predict', ['POST']],
    ['GET', '/v1/models/turnover%3Apredict?x=1', ['POST']],
    ['GET', '/v1/models/turnover/versions/1:predict', ['POST']],
    ['POST', '/models', ['GET', 'HEAD']],
    ['DELETE', '/models/turnover', ['GET', 'HEAD']],
    ['POST', '/health/ready', ['GET', 'HEAD']],
    ['POST', '/metrics', ['GET', 'HEAD']],
    ['POST', '/openapi.json', ['GET', 'HEAD']],
    ['QUERY', '/predict', ['POST']],
  ])('%s %s answers 405 with Allow: %j', async (method, url, methods) => {
    const reply = await app.send(method, url);
    const allow = String(reply.headers['allow']).split(', ').toSorted();

    expect(reply.status).toBe(405);
    expect(allow).toEqual(methods);
    expect(reply.body).toEqual(
      problem('method_not_allowed', 405, { detail: `this route answers ${String(reply.headers['allow'])}` }),
    );
  });

  it.each(['text/plain', 'application/json'])('is looked at before the body, here %s', async (type) => {
    const reply = await app.send('PUT', '/predict', '{"broken', { 'content-type': type });

    expect(reply.status).toBe(405);
  });
});
