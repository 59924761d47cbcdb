import { Readable } from 'node:stream';
import { createTestApp } from '../support/create-app.js';
import { problem } from '../support/shapes.js';

const app = await createTestApp();

describe('a model that there is not', () => {
  it.each([
    ['POST', '/models/nobody/predict'],
    ['POST', '/models/nobody/versions/1/predict'],
    ['POST', '/v1/models/nobody:predict'],
    ['POST', '/models/nobody/rollback'],
    ['PUT', '/models/nobody/aliases/champion'],
  ] as const)('is told before the body comes: %s %s', async (method, url) => {
    const payload = new Readable({ read: () => undefined });
    const reply = await app.app.inject({
      method,
      url,
      payload,
      headers: { 'content-type': 'application/json', 'content-length': '16000000' },
    });

    expect(reply.json()).toEqual(problem('model_not_found', 404));
  });
});
