import { randomBytes } from 'node:crypto';
import { createTestApp } from '../support/create-app.js';
import { series } from '../support/metrics.js';

const app = await createTestApp();
const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'HEAD'];
const PATHS = [
  (name: string) => `/${name}`,
  (name: string) => `/models/${name}`,
  (name: string) => `/models/${name}/predict`,
  (name: string) => `/models/turnover/versions/${name}/predict`,
  (name: string) => `/v1/models/${name}:predict`,
  (name: string) => `/v1/models/turnover/versions/${name}:predict`,
  (name: string) => `/v2/models/${name}/infer`,
  (name: string) => `/docs/${name}`,
];

async function callAtRandom(times: number): Promise<void> {
  for (let call = 0; call < times; call++) {
    const path = PATHS[call % PATHS.length]!(randomBytes(6).toString('hex'));
    const method = METHODS[Math.floor(call / PATHS.length) % METHODS.length]!;
    await app.send(method, path, method === 'GET' || method === 'HEAD' ? undefined : '{}', {
      'content-type': 'application/json',
      'x-request-id': randomBytes(6).toString('hex'),
    });
  }
}

/** Without those of Node itself, which come and go with its handles. */
const ours = async (): Promise<string[]> =>
  series((await app.get('/metrics')).text).filter((each) => !each.startsWith('nodejs_'));

describe('the number of series', () => {
  it('does not grow with what callers invent', async () => {
    await callAtRandom(PATHS.length * METHODS.length);
    await app.get('/metrics');
    const before = await ours();
    await callAtRandom(500);
    const after = await ours();

    expect(after).toEqual(before);
    expect(after.some((each) => each.includes('route="unmatched"'))).toBe(true);
  });
});
