import { Issuer, type IssuerKey, newKeyPair, AUDIENCE, seconds } from '../../test/support/issuer.js';
import { IssuerUnavailable, Unauthenticated } from '../errors/errors.js';
import { fetchKeySet } from './fetch-key-set.js';
import { IssuerKeys } from './issuer-keys.js';
import { IssuerTokens } from './issuer-tokens.js';

const MAX_AGE = 3_600_000;
const rsa = await newKeyPair('RS256', 'rsa');
const ec = await newKeyPair('ES256', 'ec');
const later = await newKeyPair('ES256', 'later');
const told: unknown[] = [];
const logger = {
  info: (message: string, facts?: object) => told.push([message, facts]),
  warn: (message: string, facts?: unknown) => told.push([message, facts]),
};

/** An issuer of two keys, a clock that is set by hand, and what takes the tokens. */
async function given(most?: number) {
  const issuer = await Issuer.start(rsa, ec);
  const clock = { ms: 1_000_000 };
  const keys = new IssuerKeys(`${issuer.url}/keys`, MAX_AGE, logger, () => clock.ms);
  const tokens = new IssuerTokens({ issuer: issuer.url, audience: AUDIENCE }, keys, most);
  const find = async (token: string) => tokens.find(token);
  const findNew = async (key: IssuerKey, claims: object = {}) => find(await issuer.sign(key, { ...claims }));
  return { issuer, clock, keys, tokens, find, findNew };
}

beforeEach(() => {
  told.length = 0;
});

describe(IssuerTokens.name, () => {
  it.each([rsa, ec])('takes a token signed by $alg, at once when it comes again', async (key) => {
    const { issuer, tokens } = await given();
    const token = await issuer.sign(key, { scope: 'predict email admin', aud: ['other', AUDIENCE] });
    const identity = await tokens.find(token);

    expect(identity).toEqual({
      principal: 'jwt:ann',
      scopes: new Set(['predict', 'admin']),
      models: undefined,
      rate: undefined,
    });
    expect(tokens.find(token)).toBe(identity);
    expect(issuer.fetches).toBe(1);
  });

  it.each([undefined, ['predict'], 'Predict predict,admin', ''])(
    'gives nothing for the scope %j',
    async (scope) => {
      const { findNew } = await given();
      expect((await findNew(ec, { scope }))?.scopes).toEqual(new Set());
    },
  );

  it.each([undefined, '', 7, ' ann', 'ann\nadmin', 'ann\u2028', 'ä', 'a'.repeat(256)])(
    'refuses the subject %j',
    async (sub) => {
      const { findNew } = await given();
      await expect(findNew(ec, { sub })).rejects.toBeInstanceOf(Unauthenticated);
    },
  );

  it('lets clocks be off by a minute, and no longer', async () => {
    const { findNew } = await given();
    await expect(findNew(ec, { exp: seconds() - 50, nbf: seconds() + 50 })).resolves.toBeDefined();
    await expect(findNew(ec, { exp: seconds() - 61 })).rejects.toThrow('expired');
    await expect(findNew(ec, { nbf: seconds() + 70 })).rejects.toThrow('claim nbf');
  });

  it('does not take a token that was verified when it has expired', async () => {
    const { tokens, issuer } = await given();
    const token = await issuer.sign(ec);
    await tokens.find(token);
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 359_000 });
    expect(tokens.find(token)).not.toBeInstanceOf(Promise);
    vi.setSystemTime(Date.now() + 2_000);
    await expect(tokens.find(token)).rejects.toThrow('expired');
    vi.useRealTimers();
  });

  it('remembers so many, and lets the oldest go', async () => {
    const { issuer, tokens } = await given(2);
    const [a, b, c] = await Promise.all(['a', 'b', 'c'].map((sub) => issuer.sign(ec, { sub })));
    for (const token of [a, b, c]) await tokens.find(token!);

    expect(tokens.find(b!)).not.toBeInstanceOf(Promise);
    expect(tokens.find(c!)).not.toBeInstanceOf(Promise);
    expect(tokens.find(a!)).toBeInstanceOf(Promise);
  });

  it('takes what names no key where one alone can be meant', async () => {
    const one = await given();
    await expect(one.find(await one.issuer.sign(ec, {}, { kid: undefined! }))).resolves.toBeDefined();
    const two = await given();
    two.issuer.keys = [ec.jwk, later.jwk];
    await expect(two.find(await two.issuer.sign(ec, {}, { kid: undefined! }))).rejects.toThrow(
      'no key (kid)',
    );
  });
});

describe(IssuerKeys.name, () => {
  it('takes a new key of the issuer in half a minute, and a token of one that he took back no longer', async () => {
    const { issuer, clock, tokens, findNew } = await given();
    const old = await issuer.sign(ec);
    await tokens.find(old);
    issuer.keys = [rsa.jwk, later.jwk];
    await expect(findNew(later)).rejects.toThrow('has no such key');
    clock.ms += 30_000;

    await expect(findNew(later)).resolves.toBeDefined();
    await expect(tokens.find(old)).rejects.toThrow('has no such key');
    expect(issuer.fetches).toBe(2);
  });

  it('asks the issuer once in half a minute whatever comes', async () => {
    const { issuer, clock, findNew } = await given();
    const stranger = await newKeyPair('ES256', 'stranger');
    const flood = () =>
      Promise.allSettled(
        Array.from({ length: 200 }, (_, index) => findNew({ ...stranger, kid: `k${index}` })),
      );
    for (const result of await flood())
      expect(result).toMatchObject({ reason: expect.any(Unauthenticated) as unknown });
    expect(issuer.fetches).toBe(1);
    clock.ms += 29_999;
    await flood();
    expect(issuer.fetches).toBe(1);
    clock.ms += 1;
    await flood();
    expect(issuer.fetches).toBe(2);
  });

  it('works with the keys that it has while the issuer is down, until they have aged', async () => {
    const { issuer, clock, tokens, findNew } = await given();
    const token = await issuer.sign(rsa);
    await tokens.find(token);
    await issuer.stop();
    clock.ms += MAX_AGE - 1;

    await expect(findNew(rsa, { sub: 'bob' })).resolves.toBeDefined();
    expect(tokens.find(token)).not.toBeInstanceOf(Promise);
    await expect(findNew({ ...rsa, kid: 'new' })).rejects.toBeInstanceOf(IssuerUnavailable);
    clock.ms += 1;
    await expect(tokens.find(token)).rejects.toBeInstanceOf(IssuerUnavailable);
    await expect(findNew(rsa)).rejects.toBeInstanceOf(IssuerUnavailable);
    expect(told).toEqual([
      ['keys of the issuer fetched', { url: `${issuer.url}/keys`, keys: 2 }],
      [
        'keys of the issuer cannot be fetched; those of before, if there are any, are used until they have aged',
        { url: `${issuer.url}/keys`, reason: expect.stringContaining('ECONNREFUSED') as string },
      ],
    ]);

    await issuer.listen();
    clock.ms += 5_000;
    await expect(tokens.find(token)).resolves.toBeDefined();
    expect(told).toHaveLength(3);
  });

  it('tries again after 5 s where it has no keys at all', async () => {
    const { issuer, clock, findNew } = await given();
    issuer.answer = (response) => void response.writeHead(500).end();
    for (const fetches of [1, 1]) {
      await expect(findNew(ec)).rejects.toBeInstanceOf(IssuerUnavailable);
      expect(issuer.fetches).toBe(fetches);
    }
    issuer.answer = undefined;
    clock.ms += 5_000;
    await expect(findNew(ec)).resolves.toBeDefined();
  });

  it.each<[string, Issuer['answer']]>([
    ['it answers 302', (response) => void response.writeHead(302, { location: '/keys' }).end()],
    ['more than 65536 bytes', (response) => void response.end(`{"keys":[${' '.repeat(70_000)}]}`)],
    ['no JSON Web Key Set', (response) => void response.end('<html>')],
    ['no JSON Web Key Set', (response) => void response.end('{"keys":[7]}')],
    ['no public key', (response) => void response.end('{"keys":[{"kty":"oct","k":"c2VjcmV0"}]}')],
    [
      'no public key',
      (response) => void response.end('{"keys":[{"kty":"RSA","n":"AQAB","e":"AQAB"},{"kty":"EC"}]}'),
    ],
    ['aborted', undefined],
  ])('keeps the keys of before where %s', async (reason, answer) => {
    const { issuer, clock, keys, findNew } = await given();
    await findNew(ec);
    const before = keys.latest();
    issuer.answer = answer ?? ((response) => void response.destroy());
    clock.ms += 30_000;
    keys.latest();
    await vi.waitUntil(() => told.length === 2, 5_000);

    expect(JSON.stringify(told[1])).toContain(answer === undefined ? 'reason' : reason);
    expect(keys.latest()).toBe(before);
    expect(issuer.fetches).toBe(2);
  });

  it('lets no more tokens wait for the issuer than there is room for', async () => {
    const { issuer, keys, findNew } = await given();
    issuer.answer = () => undefined;
    let refused = 0;
    const found = Promise.allSettled(
      Array.from({ length: 300 }, (_, index) => findNew(ec, { sub: `s${index}` }).finally(() => refused++)),
    );
    await vi.waitUntil(() => refused === 300 - 256 && issuer.fetches > 0, 5_000);
    keys.close();

    for (const each of await found)
      expect(each).toMatchObject({ reason: expect.any(IssuerUnavailable) as unknown });
    expect(issuer.fetches).toBe(1);
  });

  it('is not held up by an issuer that sends without end', async () => {
    const { issuer } = await given();
    issuer.answer = (response) => {
      const drip = setInterval(() => response.write(' '), 20);
      response.once('close', () => clearInterval(drip));
    };
    const fetched = fetchKeySet(issuer.url, new AbortController().signal, 200);
    await expect(fetched).rejects.toThrow('timeout');
  });

  it('ends with its server what is under way', async () => {
    const { issuer, keys, findNew } = await given();
    issuer.answer = () => undefined;
    const began = performance.now();
    const found = findNew(ec);
    await vi.waitUntil(() => issuer.fetches === 1, 2_000);
    keys.close();

    await expect(found).rejects.toBeInstanceOf(IssuerUnavailable);
    expect(performance.now() - began).toBeLessThan(4_000);
    expect(told).toEqual([]);
  });
});
