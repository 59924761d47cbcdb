import { createHmac, createPublicKey, KeyObject, sign } from 'node:crypto';
import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { setTimeout as after } from 'node:timers/promises';
import { createTestApp } from '../support/create-app.js';
import { Issuer, newKeyPair, seconds } from '../support/issuer.js';
import { metric } from '../support/metrics.js';
import { problem } from '../support/shapes.js';

const rsa = await newKeyPair('RS256', 'rsa');
const ec = await newKeyPair('ES256', 'ec');
const issuer = await Issuer.start(rsa, ec);
const elsewhere = await Issuer.start(rsa);
const app = await createTestApp(issuer.settings);

const PREDICT = '/models/iris/predict';
const ROW = { sepal_length: 5.1, sepal_width: 3.5, petal_length: 1.4, petal_width: 0.2 };
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
const encoded = (part: unknown): string => Buffer.from(JSON.stringify(part)).toString('base64url');

const usual = { iss: issuer.url, aud: 'nestor', sub: 'eve', scope: 'predict', exp: seconds() + 300 };
/** A token that is put together by hand. */
function byHand(
  header: object,
  signature: (signed: string) => Buffer,
  claims: object | string = usual,
): string {
  const signed = `${encoded(header)}.${typeof claims === 'string' ? claims : encoded(claims)}`;
  return `${signed}.${signature(signed).toString('base64url')}`;
}
const ecPrivate = KeyObject.from(ec.privateKey);
/** What the library would not sign, signed by the issuer. */
const signed = (claims: object | string, header: object = {}): string =>
  byHand(
    { alg: 'ES256', kid: 'ec', ...header },
    (bytes) => sign('sha256', Buffer.from(bytes), { key: ecPrivate, dsaEncoding: 'ieee-p1363' }),
    claims,
  );
const rsaPublic = createPublicKey({ key: rsa.jwk, format: 'jwk' }).export({ type: 'spki', format: 'pem' });
const forger = await newKeyPair('RS256', 'rsa');
const stranger = await newKeyPair('ES256', 'stranger');
const good = await issuer.sign(ec);
const [head, body, signature] = good.split('.') as [string, string, string];

/** Each with what is told of it. */
const ATTACKS: Readonly<Record<string, [string, string]>> = {
  'no algorithm': [byHand({ alg: 'none' }, () => Buffer.alloc(0)), 'not known'],
  'no algorithm, signed': [byHand({ alg: 'none' }, () => Buffer.from('x')), 'signed by RS256 or ES256'],
  'no algorithm in capital letters': [
    byHand({ alg: 'NONE', kid: 'rsa' }, () => Buffer.from('x')),
    'signed by RS256',
  ],
  'HS256 with the public key': [
    byHand({ alg: 'HS256', kid: 'rsa' }, (bytes) => createHmac('sha256', rsaPublic).update(bytes).digest()),
    'signed by RS256 or ES256',
  ],
  'another algorithm of RSA': [
    byHand({ alg: 'RS512', kid: 'rsa' }, () => Buffer.alloc(256)),
    'signed by RS256',
  ],
  'another issuer': [await issuer.sign(ec, { iss: 'https://issuer.example' }), 'claim iss'],
  'an issuer with a slash more': [await issuer.sign(ec, { iss: `${issuer.url}/` }), 'claim iss'],
  'no issuer': [await issuer.sign(ec, { iss: undefined }), 'claim iss'],
  'another audience': [await issuer.sign(ec, { aud: ['nestor2', 'account'] }), 'claim aud'],
  'no audience': [await issuer.sign(ec, { aud: undefined }), 'claim aud'],
  'an audience within a text': [await issuer.sign(ec, { aud: 'a nestor' }), 'claim aud'],
  'an expiry that is over': [await issuer.sign(ec, { exp: seconds() - 61 }), 'expired'],
  'no expiry': [await issuer.sign(ec, { exp: undefined }), 'claim exp'],
  'an expiry that is a text': [signed({ ...usual, exp: String(usual.exp) }), 'claim exp'],
  'an expiry that is null': [signed({ ...usual, exp: null }), 'claim exp'],
  'a beginning that is to come': [await issuer.sign(ec, { nbf: seconds() + 120 }), 'claim nbf'],
  'no subject': [await issuer.sign(ec, { sub: undefined }), 'claim sub'],
  'a subject of two lines': [await issuer.sign(ec, { sub: 'ann\nadmin' }), 'subject (sub)'],
  'a subject that is a list': [signed({ ...usual, sub: ['ann'] }), 'subject (sub)'],
  'claims that are a list': [signed([usual]), 'cannot be read'],
  'claims that are no JSON': [signed(Buffer.from('{"iss').toString('base64url')), 'cannot be read'],
  'a key that names another place': [
    await issuer.sign(
      { ...stranger, kid: 'rsa' },
      {},
      { jku: `${elsewhere.url}/keys`, x5u: `${elsewhere.url}/x5u` },
    ),
    'no such key',
  ],
  'a key that it brings along': [await issuer.sign(stranger, {}, { jwk: stranger.jwk }), 'no such key'],
  'a forged key of the same name': [await issuer.sign(forger), 'signature is wrong'],
  'the key of another algorithm': [await issuer.sign({ ...ec, kid: 'rsa' }), 'no such key'],
  'a header that must be understood': [signed(usual, { crit: ['x\r\n'], 'x\r\n': 1 }), 'cannot be read'],
  'r and s zero': [`${head}.${body}.${Buffer.alloc(64).toString('base64url')}`, 'signature is wrong'],
  'an empty signature': [`${head}.${body}.`, 'not known'],
  'half a signature': [`${head}.${body}.${signature.slice(0, 40)}`, 'signature is wrong'],
  'other claims': [`${head}.${encoded({ ...usual, scope: 'admin' })}.${signature}`, 'signature is wrong'],
  'two parts': [`${head}.${body}`, 'not known'],
  'five parts': [`${good}.${head}.${body}`, 'not known'],
  'something huge': [`${head}.${'A'.repeat(12_000)}.${signature}`, 'not known'],
  nonsense: ['a.b.c', 'cannot be read'],
};

describe('a token', () => {
  it('of the issuer is as good as a key', async () => {
    for (const token of [good, await issuer.sign(rsa)])
      for (const time of ['first', 'again']) {
        const { status } = await app.post(PREDICT, ROW, bearer(token));
        expect(status, time).toBe(200);
      }
    const principals = app.records().map((record) => record.principal);
    expect(principals).toEqual(['jwt:ann', 'jwt:ann', 'jwt:ann', 'jwt:ann']);
  });

  it('may do what its scopes say', async () => {
    const forbidden = (scopes: string) =>
      problem('forbidden', 403, { detail: expect.stringContaining(`and the key has ${scopes}`) as string });
    expect((await app.get('/jobs', bearer(good))).body).toEqual(forbidden('predict'));
    expect((await app.get('/models', bearer(await issuer.sign(ec, { scope: 'openid' })))).body).toEqual(
      forbidden('none'),
    );
  });

  describe.each(Object.entries(ATTACKS))('with %s', (_, [token, told]) => {
    it('is nothing', async () => {
      const reply = await app.post(PREDICT, ROW, bearer(token));

      expect(reply.body).toEqual(
        problem('unauthenticated', 401, { detail: expect.stringContaining(told) as string }),
      );
      expect(reply.headers['www-authenticate']).toBe('Bearer realm="nestor"');
    });
  });

  it('with a key that nobody knows is nothing, two hundred times', async () => {
    const replies = Array.from({ length: 200 }, async (_, index) => {
      const { status } = await app.get(
        '/models',
        bearer(await issuer.sign({ ...stranger, kid: `k${index}` })),
      );
      return status;
    });
    expect(new Set(await Promise.all(replies))).toEqual(new Set([401]));
  });

  it('has led to one request to the issuer, whatever came, and to none elsewhere', () => {
    expect([issuer.fetches, elsewhere.fetches]).toEqual([1, 0]);
  });
});

describe('a call whose token waits for the issuer', () => {
  /** A server that has no keys yet, and an issuer that gives them out when told. */
  async function waiting(overrides: Record<string, string> = {}) {
    const slow = await Issuer.start(ec);
    const server = await createTestApp({ ...slow.settings, ...overrides });
    await server.app.listen(0, '127.0.0.1');
    const { port } = server.app.getHttpServer().address() as { port: number };
    let give: () => void = () => undefined;
    const asked = new Promise<void>((resolve) => {
      slow.answer = (response) => {
        give = () => slow.publish(response);
        resolve();
      };
    });
    const token = await slow.sign(ec, { scope: 'predict metrics' });
    const headers = { ...bearer(token), 'content-type': 'application/json' };
    const call = (path: string, more: object = {}) =>
      request({ port, host: '127.0.0.1', method: 'POST', path, headers: { ...headers, ...more } });
    return { server, asked, give: () => give(), headers, call };
  }

  it('loses nothing of a body that was sent at once, long or short, in chunks or not', async () => {
    const { asked, give, call } = await waiting();
    const replies = [1, 2_000].flatMap((count) => {
      const payload = JSON.stringify({ instances: Array.from({ length: count }, () => ROW) });
      const whole = call('/v1/models/iris:predict', { 'content-length': payload.length });
      whole.end(payload);
      const chunked = call('/v1/models/iris:predict');
      for (let at = 0; at < payload.length; at += 20_000) chunked.write(payload.slice(at, at + 20_000));
      chunked.end();
      return [whole, chunked].map((sending) => answered(sending));
    });
    await asked;
    // What the sockets take of the bodies has come.
    await after(100);
    give();

    const counts = (await Promise.all(replies)).map(
      (reply) => (JSON.parse(reply) as { predictions: unknown[] }).predictions.length,
    );
    expect(counts).toEqual([1, 1, 2_000, 2_000]);
  });

  it('holds nothing when its caller has hung up meanwhile', async () => {
    const { server, asked, give, headers, call } = await waiting();
    const gone = Array.from({ length: 6 }, () =>
      call(PREDICT, { 'content-length': 1_000 }).on('error', () => undefined),
    );
    for (const [index, each] of gone.entries()) {
      // All of a body is there, some of it, none.
      each.flushHeaders();
      if (index % 3 > 0) each.write('{"sepal');
      if (index % 3 > 1) each.end(' '.repeat(993));
    }
    await asked;
    await after(100);
    for (const [index, { socket }] of gone.entries())
      if (index < 3) socket!.destroy();
      else socket!.resetAndDestroy();
    await after(100);
    give();

    await vi.waitUntil(async () => (await server.get('/models', headers)).status === 200, 5_000);
    const { text: page } = await server.get('/metrics', headers);
    expect(metric(page, 'nestor_admission_requests', { size: 'small' })).toBe(0);
    expect(metric(page, 'nestor_admission_held_bytes')).toBe(0);
    expect(server.records()).toEqual([]);
  });
});

async function answered(sending: ClientRequest): Promise<string> {
  const [response] = (await once(sending, 'response')) as [IncomingMessage];
  return text(response);
}

describe('without the issuer', () => {
  it('a server starts and is ready; a token is told to come later, by the code for it', async () => {
    const down = await Issuer.start(ec);
    const server = await createTestApp(down.settings);
    await down.stop();

    expect((await server.get('/health/ready')).status).toBe(200);
    const reply = await server.post(PREDICT, ROW, bearer(await down.sign(ec)));
    expect(reply.body).toEqual(problem('issuer_unavailable', 503));
    expect(reply.headers['retry-after']).toBe('5');
    expect((await server.get('/models', { 'x-api-key': 'nobody' })).status).toBe(401);
  });

  it('its keys are used until they have aged', async () => {
    const down = await Issuer.start(ec);
    const server = await createTestApp({ ...down.settings, JWT_JWKS_MAX_AGE_SECONDS: '1' });
    const headers = bearer(await down.sign(ec));
    expect((await server.get('/models', headers)).status).toBe(200);
    await down.stop();
    expect((await server.get('/models', headers)).status).toBe(200);

    await vi.waitUntil(async () => (await server.get('/models', headers)).status !== 200, 5_000);
    expect((await server.get('/models', headers)).body).toEqual(problem('issuer_unavailable', 503));
    expect((await server.get('/health/ready')).status).toBe(200);
  });
});
