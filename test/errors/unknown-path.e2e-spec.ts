import { createTestApp } from '../support/create-app.js';
import { problem } from '../support/shapes.js';

const LONG = 'x'.repeat(5_000);
const app = await createTestApp();

describe('an unknown path', () => {
  it.each([
    ['GET', '/nowhere'],
    ['POST', '/nowhere'],
    ['POST', '/predict//'],
    ['POST', '/models/turnover/predict/'],
    ['POST', '/v1/models/turnover:predict/'],
    ['GET', '/health/'],
    ['GET', '/metrics/'],
    ['POST', '/v1/models/turnover'],
    ['POST', '/v1/models/turnover:explain'],
    ['POST', '/models//predict'],
    ['POST', '/models/turnover/versions//predict'],
    ['POST', '/v1/models/turnover/versions/:predict'],
    ['POST', '/models/nobody/versions//predict'],
    ['GET', '/models/'],
    ['DELETE', '/../../etc/passwd'],
    ['GET', '/redoc/nothing.js'],
  ])('%s %s answers 404 as a problem', async (method, url) => {
    const reply = await app.send(method, url);

    expect(reply.status).toBe(404);
    expect(reply.headers['content-type']).toBe('application/problem+json; charset=utf-8');
    expect(reply.body).toEqual(
      problem('route_not_found', 404, { detail: 'there is no such route; GET / shows where to begin' }),
    );
  });

  it.each([
    ['POST', `/models/${LONG}/predict`],
    ['POST', `/v1/models/${LONG}:predict`],
    ['GET', `/models/${LONG}`],
    ['GET', `/models/turnover/versions/${LONG}`],
    ['POST', `/models/turnover/versions/${LONG}/predict`],
    ['GET', `/models/turnover/versions/1/plots/${LONG}`],
    ['DELETE', `/models/turnover/versions/${LONG}`],
    ['GET', `/${LONG}`],
  ])('%s %.30s… answers 404, however long a name is', async (method, url) => {
    const reply = await app.send(method, url, undefined, { host: 'localhost', 'if-match': '*' });

    expect(reply).toMatchObject({
      status: 404,
      body: { status: 404, code: expect.stringMatching(/_not_found$/) },
    });
    expect(reply.text.length).toBeLessThan(1_000);
  });

  it('is looked at before the body', async () => {
    expect(await app.send('POST', '/nowhere', '{"broken')).toMatchObject({ status: 404 });
  });

  it.each(['/%', '/models/%E0%A4%A', '/models/%ff/predict'])(
    '%s, badly encoded, is the fault of the caller',
    async (url) => {
      const reply = await app.send('GET', url);

      expect([400, 404, 405]).toContain(reply.status);
      expect(reply.headers['content-type']).toBe('application/problem+json; charset=utf-8');
      expect(reply.body).toMatchObject({ status: reply.status, request_id: reply.headers['x-request-id'] });
    },
  );
});
