import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { newKey } from '../../src/access/api-key.js';
import type { KeyEntry } from '../../src/access/keys-file.js';
import { SCOPES } from '../../src/access/scope.js';
import { MOST_UNKNOWN } from '../../src/access/strangers.js';
import { createTestApp } from '../support/create-app.js';
import { metric } from '../support/metrics.js';
import { problem } from '../support/shapes.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { TURNOVER_ROW } from '../support/turnover-row.js';

type Headers = Record<string, string>;

const entries: KeyEntry[] = [];
const keyOf = (more: Partial<KeyEntry> = {}): Headers => {
  const { id, key, sha256 } = newKey();
  entries.push({ id, name: id, sha256, scopes: SCOPES, ...more });
  return { 'x-api-key': key };
};
const SLOW = { rate: 1, burst: 1_000 };
const waits = keyOf({ rate: 1, burst: 2 });
const slow = {
  doors: keyOf(SLOW),
  predicts: keyOf({ ...SLOW, scopes: ['predict'] }),
  refused: keyOf(SLOW),
};
const unrated = keyOf();
const API_KEYS_FILE = join(temporaryFolder(), 'keys.json');
writeFileSync(API_KEYS_FILE, JSON.stringify({ keys: entries }), { mode: 0o600 });

const app = await createTestApp({ AUTH: 'required', API_KEYS_FILE });
const atStart = (await app.get('/metrics', unrated)).text;
const counted = async (name: string, reason: string): Promise<number> =>
  metric((await app.get('/metrics', unrated)).text, name, { reason });

const rowsOf = (count: number): object => ({ instances: Array.from({ length: count }, () => TURNOVER_ROW) });

/** What answers a prediction whose body does not come. */
async function statusBeforeBody(key: Headers): Promise<unknown> {
  await app.app.listen(0, '127.0.0.1');
  const { port } = app.app.getHttpServer().address() as { port: number };
  const headers = { ...key, 'content-type': 'application/json', 'content-length': 200 };
  const sending = request({ port, host: '127.0.0.1', path: '/predict', method: 'POST', headers });
  sending.flushHeaders();
  const [reply] = (await once(sending, 'response')) as [IncomingMessage];
  sending.on('error', () => undefined).destroy();
  return reply.statusCode;
}

/** What a header `RateLimit` says. */
function limitOf({ headers }: { headers: Readonly<Record<string, unknown>> }) {
  const [, left, seconds] = /^"rows";r=(\d+);t=(\d+)$/.exec(String(headers['ratelimit'])) ?? [];
  return { left: Number(left), seconds: Number(seconds) };
}

describe('a key with a rate', () => {
  it('pays for a batch afterwards, is refused before its body is read, and passes when it was told', async () => {
    const first = await app.post('/v1/models/turnover:predict', rowsOf(5), waits);
    expect([first.status, limitOf(first).left]).toEqual([200, 0]);

    expect(await statusBeforeBody(waits)).toBe(429);
    const refused = await app.get('/models', waits);
    const seconds = Number(refused.headers['retry-after']);
    expect(seconds).toBeOneOf([1, 2, 3]);
    expect(refused.headers).toMatchObject({
      'ratelimit-policy': '"rows";q=2;w=2',
      ratelimit: `"rows";r=0;t=${seconds}`,
    });
    const detail = `this key has asked for all the rows that it may ask for at present; try again in ${seconds === 1 ? 'a second' : `${seconds} seconds`}, or send fewer rows`;
    expect(refused.body).toEqual(problem('too_many_requests', 429, { detail }));

    await after(seconds * 1_000);
    expect((await app.post('/predict', TURNOVER_ROW, waits)).status).toBe(200);
  });

  it.each([
    ['POST', '/predict', TURNOVER_ROW, 200, 1],
    ['POST', '/models/turnover/predict', TURNOVER_ROW, 200, 1],
    ['POST', '/v1/models/turnover:predict', rowsOf(30), 200, 30],
    ['POST', '/v2/models/turnover/predict', TURNOVER_ROW, 200, 1],
    ['POST', '/sentiment', { ref: [1, 2, 3], text: ['good', 'bad', 'so so'] }, 200, 3],
    ['POST', '/v1/models/turnover:predict', { instances: [{}, {}, 5] }, 400, 3],
    ['POST', '/v1/models/turnover:predict', { instances: [] }, 400, 1],
    ['POST', '/v1/models/nobody:predict', rowsOf(30), 404, 1],
    ['GET', '/models', undefined, 200, 1],
    ['GET', '/health/ready', undefined, 200, 0],
    ['GET', '/nothing', undefined, 404, 0],
    ['GET', '/%zz', undefined, 400, 0],
  ])('%s %s costs its rows', async (method, path, body, status, cost) => {
    const send = (url: string, sent?: object) =>
      app.send(sent === undefined ? 'GET' : method, url, sent && JSON.stringify(sent), {
        ...slow.doors,
        ...(sent && { 'content-type': 'application/json' }),
      });
    const began = performance.now();
    const before = limitOf(await send('/models')).left;
    const reply = await send(path, body);
    expect(reply.status).toBe(status);
    expect('ratelimit' in reply.headers).toBe(cost > 0);
    const spent = before - limitOf(await send('/models')).left - 1;
    // A row comes in each second.
    expect(spent).toBeLessThanOrEqual(cost);
    expect(spent).toBeGreaterThanOrEqual(cost - 1 - (performance.now() - began) / 1_000);
  });

  it('is told what is left by refusals as well', async () => {
    const forbidden = await app.post('/models/turnover/train', {}, slow.predicts);
    const unread = await app.post('/predict', '{', slow.refused);
    expect([forbidden.status, unread.status]).toEqual([403, 400]);
    for (const reply of [forbidden, unread]) expect(limitOf(reply).left).toBeOneOf([999, 1_000]);
    expect(await counted('nestor_auth_failures_total', 'forbidden')).toBe(1);
  });
});

it('a key without a rate has no header of one', async () => {
  const { status, headers } = await app.post('/predict', TURNOVER_ROW, unrated);
  expect(status).toBe(200);
  expect(Object.keys(headers).filter((name) => name.startsWith('ratelimit'))).toEqual([]);
});

describe('unknown keys', () => {
  const wrong = (): Headers => ({ 'x-api-key': newKey().key, 'x-forwarded-for': `10.9.8.${Math.random()}` });
  const ask = (headers: Headers, remoteAddress = '10.0.0.7') =>
    app.app.inject({ url: '/models', headers, remoteAddress });

  it('are told to wait when too many come from one address, and lock out no good key from there', async () => {
    const statuses = new Set<number>();
    for (let call = 0; call < MOST_UNKNOWN; call++) statuses.add((await ask(wrong())).statusCode);
    expect([...statuses]).toEqual([401]);

    const refused = await ask(wrong());
    expect(refused.json()).toEqual(
      problem('too_many_requests', 429, {
        detail: expect.stringMatching(/^this key is not known, .* try again in \d+ seconds?$/),
      }),
    );
    expect(refused.headers).toMatchObject({ 'retry-after': expect.stringMatching(/^([1-5]?\d|60)$/) });
    expect(refused.headers).not.toHaveProperty('ratelimit');

    expect((await ask(unrated)).statusCode).toBe(200);
    expect((await ask({})).statusCode).toBe(401);
    expect((await ask(wrong(), '10.0.0.8')).statusCode).toBe(401);
    expect(await counted('nestor_rate_limited_total', 'address')).toBe(1);
    expect(await counted('nestor_auth_failures_total', 'unknown')).toBe(MOST_UNKNOWN + 2);
    expect(await counted('nestor_auth_failures_total', 'missing')).toBe(1);
  });
});

it('the counters of refused callers are there at zero from the start', async () => {
  const all = ['missing', 'unknown', 'forbidden'].map((reason) =>
    metric(atStart, 'nestor_auth_failures_total', { reason }),
  );
  const limited = ['key', 'address'].map((reason) =>
    metric(atStart, 'nestor_rate_limited_total', { reason }),
  );
  expect([...all, ...limited]).toEqual([0, 0, 0, 0, 0]);
  expect(await counted('nestor_rate_limited_total', 'key')).toBeGreaterThan(0);
});
