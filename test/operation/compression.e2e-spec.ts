import { gunzipSync } from 'node:zlib';
import { createTestApp } from '../support/create-app.js';
import { TURNOVER_ROW } from '../support/turnover-row.js';

const app = await createTestApp({ CORS_ORIGINS: '*' });
type Method = 'GET' | 'HEAD' | 'POST';

async function fetched(url: string, encoding?: string, method: Method = 'GET', payload?: object) {
  const { statusCode, headers, rawPayload } = await app.app.inject({
    method,
    url,
    headers: encoding === undefined ? {} : { 'accept-encoding': encoding },
    ...(payload && { payload }),
  });
  return { statusCode, headers, bytes: rawPayload };
}
const rows = (count: number): object => ({ instances: Array.from({ length: count }, () => TURNOVER_ROW) });
const LARGE = [
  '/openapi.json',
  '/docs/swagger-ui-bundle.js',
  '/docs/swagger-ui.css',
  '/redoc/redoc.standalone.js',
];

describe('a large text', () => {
  it.each(LARGE)('is sent as gzip to who takes it: %s', async (url) => {
    const plain = await fetched(url);
    const zipped = await fetched(url, 'gzip, deflate, br');

    expect(plain).toMatchObject({ statusCode: 200 });
    expect(plain.headers).not.toHaveProperty('content-encoding');
    expect(zipped).toMatchObject({ statusCode: 200, headers: { 'content-encoding': 'gzip' } });
    expect(gunzipSync(zipped.bytes).equals(plain.bytes)).toBe(true);
    expect(zipped.bytes.length).toBeLessThan(plain.bytes.length / 2);
    for (const { headers } of [plain, zipped]) expect(headers['vary']).toMatch(/Origin, Accept-Encoding$/);
    expect(zipped.headers['content-type']).toBe(plain.headers['content-type']);
    expect(Number(zipped.headers['content-length'] ?? zipped.bytes.length)).toBe(zipped.bytes.length);
  });

  it('is so for the metrics and for many predictions', async () => {
    const metrics = await fetched('/metrics', 'gzip');
    expect(gunzipSync(metrics.bytes).toString()).toContain('# HELP nestor_build_info');

    const many = await fetched('/v1/models/turnover:predict', 'gzip', 'POST', rows(1_000));
    expect(many.headers).toMatchObject({ 'content-encoding': 'gzip', vary: 'Accept-Encoding' });
    const { predictions } = JSON.parse(gunzipSync(many.bytes).toString()) as { predictions: object[] };
    expect(predictions).toHaveLength(1_000);
  });

  it.each(['deflate', 'br', 'identity', 'gzip;q=0', 'gzip; q=0.0', 'xgzip', 'gzipped'])(
    'is sent as it is to who asks for %s',
    async (encoding) => {
      const reply = await fetched('/openapi.json', encoding);
      expect(reply.headers).not.toHaveProperty('content-encoding');
      expect(JSON.parse(reply.bytes.toString())).toMatchObject({ openapi: '3.1.0' });
    },
  );

  it.each(['GZIP', 'br;q=1, gzip;q=0.5', 'gzip ;q=1', 'x-gzip', 'deflate,gzip'])(
    'is sent as gzip to who asks for %s',
    async (encoding) => {
      const reply = await fetched('/openapi.json', encoding);
      expect(reply.headers['content-encoding']).toBe('gzip');
    },
  );

  it('has the headers of its GET at a HEAD, and no body', async () => {
    const head = await fetched('/openapi.json', 'gzip', 'HEAD');
    expect(head).toMatchObject({ statusCode: 200, headers: { 'content-encoding': 'gzip' } });
    expect(head.bytes).toHaveLength(0);
  });

  it('whose ETag is that of other bytes has a weak one', async () => {
    const plain = await fetched('/docs/swagger-ui-bundle.js');
    const zipped = await fetched('/docs/swagger-ui-bundle.js', 'gzip');

    expect(zipped.headers['etag']).toMatch(/^W\//);
    expect(String(zipped.headers['etag']).replace('W/', '')).toBe(
      String(plain.headers['etag']).replace('W/', ''),
    );
    const again = await app.get('/docs/swagger-ui-bundle.js', {
      'if-none-match': String(zipped.headers['etag']),
      'accept-encoding': 'gzip',
    });
    expect(again).toMatchObject({ status: 304, text: '' });
  });

  it('is sent in parts as it is', async () => {
    const part = await app.get('/docs/swagger-ui-bundle.js', {
      range: 'bytes=0-99999',
      'accept-encoding': 'gzip',
    });
    expect(part).toMatchObject({ status: 206, headers: { 'content-length': '100000' } });
    expect(part.headers).not.toHaveProperty('content-encoding');
  });

  it('is whole for everybody, also for those who come while others are compressed', async () => {
    const { bytes } = await fetched('/openapi.json');
    const replies = await Promise.all(Array.from({ length: 12 }, () => fetched('/openapi.json', 'gzip')));

    for (const reply of replies) {
      const isZipped = reply.headers['content-encoding'] === 'gzip';
      expect((isZipped ? gunzipSync(reply.bytes) : reply.bytes).equals(bytes)).toBe(true);
    }
    expect(replies.filter(({ headers }) => headers['content-encoding'] === 'gzip').length).toBeGreaterThan(0);
    expect((await fetched('/openapi.json', 'gzip')).headers['content-encoding']).toBe('gzip');
  });
});

describe('what is no large text', () => {
  it.each(['/', '/models', '/health/live', '/docs'])('is sent as it is: %s', async (url) => {
    const reply = await fetched(url, 'gzip');
    expect(reply.statusCode).toBe(200);
    expect(reply.headers).not.toHaveProperty('content-encoding');
  });

  it('is a prediction of one row', async () => {
    const reply = await fetched('/predict', 'gzip', 'POST', TURNOVER_ROW);
    expect(reply.headers).not.toHaveProperty('content-encoding');
    expect(reply.headers).not.toHaveProperty('vary');
  });
});
