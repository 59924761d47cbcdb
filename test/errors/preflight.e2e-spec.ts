import { createTestApp } from '../support/create-app.js';
import { metric } from '../support/metrics.js';
import { TURNOVER_ROW } from '../support/turnover-row.js';
import { problem } from '../support/shapes.js';

const PREFLIGHT = {
  origin: 'https://page.example',
  'access-control-request-method': 'POST',
  'access-control-request-headers': 'content-type',
};

describe('a CORS preflight', () => {
  it('has a request id, and is not asked again for ten minutes', async () => {
    const app = await createTestApp({ CORS_ORIGINS: '*' });
    const { headers, status, text } = await app.send('OPTIONS', '/predict', undefined, PREFLIGHT);

    expect({ status, text }).toEqual({ status: 204, text: '' });
    expect(headers).toMatchObject({
      'x-request-id': expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
      'access-control-allow-origin': '*',
      'access-control-allow-methods': 'GET, HEAD, POST',
      'access-control-allow-headers': 'content-type',
      'access-control-max-age': '600',
    });
  });

  it('takes the time that it takes, not that since the start of the process', async () => {
    const app = await createTestApp({ CORS_ORIGINS: '*' });
    const secondsUp = performance.now() / 1000;
    await app.send('OPTIONS', '/predict', undefined, PREFLIGHT);
    await app.send('OPTIONS', '/predict');
    const text = (await app.get('/metrics')).text;
    const sum = (status: string): number =>
      metric(text, 'http_server_request_duration_seconds_sum', { method: 'OPTIONS', status });

    // No prediction: it counts for no objective.
    expect(text).toContain('_count{method="OPTIONS",route="unmatched",kind="other",status="204"} 1');
    expect(text).not.toContain('method="OPTIONS",route="/predict"');
    expect(sum('204')).toBeLessThan(secondsUp);
    expect(sum('405')).toBeLessThan(secondsUp);
  });

  it('is answered for the origins that are listed', async () => {
    const app = await createTestApp({ CORS_ORIGINS: 'https://page.example' });
    const listed = await app.send('OPTIONS', '/predict', undefined, PREFLIGHT);
    const other = await app.send('OPTIONS', '/predict', undefined, {
      ...PREFLIGHT,
      origin: 'https://other.example',
    });

    expect(listed.headers['access-control-allow-origin']).toBe('https://page.example');
    expect(other.headers).not.toHaveProperty('access-control-allow-origin');
    for (const { headers } of [listed, other]) expect(headers['vary']).toContain('Origin');
  });
});

describe('an OPTIONS that is no preflight', () => {
  it('is a method like any other', async () => {
    const app = await createTestApp({ CORS_ORIGINS: '*' });
    const reply = await app.send('OPTIONS', '/predict');

    expect(reply.body).toEqual(problem('method_not_allowed', 405, { detail: 'this route answers POST' }));
    expect(reply.headers).toMatchObject({ allow: 'POST', 'x-request-id': expect.any(String) as string });
  });
});

it('a page may read why it was refused', async () => {
  const app = await createTestApp({ CORS_ORIGINS: 'https://page.example' });
  const reply = await app.get('/models/nobody', { origin: 'https://page.example' });

  expect(reply).toMatchObject({
    status: 404,
    headers: {
      'access-control-allow-origin': 'https://page.example',
      'access-control-expose-headers':
        'x-request-id, x-prediction-id, server-timing, retry-after, ratelimit, ratelimit-policy',
    },
  });
});

it.each(['*', 'https://page.example'])(
  'who has no origin gets no header of CORS (origins %s)',
  async (CORS_ORIGINS) => {
    const app = await createTestApp({ CORS_ORIGINS });
    const [predicted, listed] = [await app.post('/predict', TURNOVER_ROW), await app.get('/models')];

    for (const { status, headers } of [predicted, listed]) {
      expect(status).toBe(200);
      expect(Object.keys(headers).filter((name) => name.startsWith('access-control-'))).toEqual([]);
    }
    expect(predicted.headers).not.toHaveProperty('vary');
    // A cache keeps this one, and must not give it to a page.
    expect(listed.headers['vary']).toBe('Origin');
  },
);
