import { cpSync } from 'node:fs';
import { Strangers } from '../../src/access/strangers.js';
import { isOfManagement, SCOPES } from '../../src/access/scope.js';
import { type Route, routeOf } from '../../src/http/route-kind.js';
import { ARTIFACTS } from '../support/artifacts.js';
import { Connection } from '../support/connection.js';
import { createTestApp } from '../support/create-app.js';
import { pathOf, routesOf, withKeys } from '../support/keys.js';
import { pipelined, type RawReply, type RawRequest } from '../support/pipelined.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const { settings, keys } = withKeys<string>({
  ...Object.fromEntries(SCOPES.map((scope) => [scope, { scopes: [scope] }])),
  expired: { expires: '2026-01-01T00:00:00Z' },
});
/** What callers show, by what it is good for. */
const CALLERS: Readonly<Record<string, readonly string[]>> = {
  nobody: [],
  unknown: [`authorization: Bearer ${withKeys({ unknown: {} }).keys.unknown}`],
  expired: [`authorization: Bearer ${keys['expired']}`],
  ...Object.fromEntries(SCOPES.map((scope) => [scope, [`authorization: Bearer ${keys[scope]}`]])),
};
const STRANGERS = ['nobody', 'unknown', 'expired'];
/** A key that has expired is one that is not known. */
const OTHERS = Object.keys(CALLERS).filter((caller) => caller !== 'expired');
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'QUERY'];
/** A model and its version that are there, and a file of it. */
const VALUES = { model: 'iris', name: 'iris', version: '1', alias: 'x', id: 'x', uuid: 'x' };
const HOST = 'host: 127.0.0.1';

type Spelling = (path: string) => { readonly target?: string; readonly headers?: readonly string[] };

const hex = (sign: string): string => `%${sign.charCodeAt(0).toString(16)}`;

/** Other ways to write a path, or to say which one is meant. */
const SPELLINGS: Readonly<Record<string, Spelling>> = {
  'a letter encoded': (path) => ({ target: path.replace(/[a-z]/, hex) }),
  'a letter encoded twice': (path) => ({
    target: path.replace(/[a-z]/, (sign) => `%25${hex(sign).slice(1)}`),
  }),
  'a slash encoded': (path) => ({ target: path.replace(/(?<=.)\//, '%2f') }),
  'the first slash encoded': (path) => ({ target: `/%2F${path.slice(1)}` }),
  'the first slash doubled': (path) => ({ target: `/${path}` }),
  'an inner slash doubled': (path) => ({ target: path.replace(/(?<=.)\//, '//') }),
  'the other end': (path) => ({ target: path.endsWith('/') ? path.slice(0, -1) || '/' : `${path}/` }),
  'large letters': (path) => ({ target: path.toUpperCase() }),
  'a parameter of the path': (path) => ({ target: `${path};x=1` }),
  'a dot as a segment': (path) => ({ target: `/.${path}` }),
  'two dots as a segment': (path) => ({ target: `/health/..${path}` }),
  'two dots encoded': (path) => ({ target: `/health/%2e%2e${path}` }),
  'a backslash encoded': (path) => ({ target: path.replace(/(?<=.)\//, '%5c') }),
  'a zero byte at the end': (path) => ({ target: `${path}%00` }),
  'a question mark encoded': (path) => ({ target: `${path}%3fa=b` }),
  'a fragment': (path) => ({ target: `${path}#x` }),
  'the whole address': (path) => ({ target: `http://127.0.0.1${path}` }),
  'another host': () => ({ headers: ['host: models.example'] }),
  'two hosts': () => ({ headers: [HOST, 'host: models.example'] }),
  'no host': () => ({ headers: [] }),
  'another path and method in headers': () => ({
    headers: [HOST, 'x-original-url: /health', 'x-rewrite-url: /health', 'x-http-method-override: GET'],
  }),
  'an address of this machine in headers': () => ({ headers: [HOST, 'x-forwarded-for: 127.0.0.1'] }),
};

// How many unknown keys an address may try is not asked here.
vi.spyOn(Strangers.prototype, 'add').mockReturnValue(undefined);
const root = temporaryFolder();
cpSync(ARTIFACTS, root, { recursive: true });
/** By the id of a request: the route that it met, and whether it came further than the hooks that refuse. */
const met = new Map<string, { readonly route?: Route; readonly isThrough?: true }>();
const { made: test, routes } = await routesOf(
  () => createTestApp({ ...settings, ARTIFACTS_DIR: root, CORS_ORIGINS: '*' }),
  (server) => {
    server.addHook('preParsing', (request, _reply, _payload, done) => {
      met.set(request.id, { ...met.get(request.id), isThrough: true });
      done();
    });
    server.addHook('onSend', (request, _reply, _payload, done) => {
      met.set(request.id, { ...met.get(request.id), route: routeOf(request) });
      done();
    });
  },
);
await test.app.listen(0, '127.0.0.1');
const { port } = test.app.getHttpServer().address() as { port: number };

interface Asked extends RawRequest {
  readonly caller: string;
  readonly about: string;
}

const paths = [...new Map(routes.map(({ url, scope }) => [url, scope]))];
let ids = 0;

function asked(
  caller: string,
  method: string,
  target: string,
  headers: readonly string[] = [HOST],
  about = '',
): Asked {
  const id = `matrix-${++ids}`;
  return { id, caller, about, method, target, headers: [...headers, ...CALLERS[caller]!] };
}

/** Sends them on connections whose first call is a good one; with each its reply, and what it met. */
async function answers(
  requests: readonly Asked[],
): Promise<(Asked & RawReply & { route: Route | undefined; isThrough: boolean })[]> {
  const all = [];
  for (let start = 0; start < requests.length; start += 200) {
    const good = asked('predict', 'GET', '/models');
    const slice = requests.slice(start, start + 200);
    const replies = await pipelined(port, [good, ...slice]);
    expect(replies.get(good.id)!.status).toBe(200);
    for (const request of slice) {
      const { route, isThrough = false } = met.get(request.id) ?? {};
      all.push({ ...request, ...replies.get(request.id)!, route, isThrough });
    }
  }
  return all;
}

/** What needs nothing needs not be asked by everybody. */
const callersOf = (scope: string | undefined): string[] =>
  scope === 'nothing' ? ['nobody', 'expired'] : Object.keys(CALLERS);

/** By what the route says of itself, told once more. */
function isFor(caller: string, { scope, alsoFor }: Pick<Route, 'scope' | 'alsoFor'>): boolean {
  return scope === 'nothing' || caller === scope || (caller === 'runner' && alsoFor === 'runner');
}

/** Why an answer is more than its caller may have; undefined: it is not. */
function leak({
  caller,
  method,
  target,
  about,
  ...answer
}: Awaited<ReturnType<typeof answers>>[number]): string | undefined {
  const { status, route, isThrough, body, head } = answer;
  const said = `${caller}: ${method} ${target} ${about}: ${status} ${route?.template} ${body.slice(0, 200)}`;
  if (route !== undefined && route.scope !== undefined) {
    if (isFor(caller, route)) return undefined;
    // What breaks HTTP is refused before anybody is asked who he is.
    if (isThrough || ![400, 401, 403].includes(status)) return said;
    if (status === 401 && !/^www-authenticate: Bearer realm="nestor"/im.test(head)) return said;
    return STRANGERS.includes(caller) && status === 403 ? said : undefined;
  }
  return isThrough || ![400, 404, 405].includes(status) || /model_not_found|iris/.test(body)
    ? said
    : undefined;
}

describe(`the ${routes.length} routes of the application`, () => {
  it('are open to no caller but those whose scope they name', async () => {
    const own = routes.flatMap(({ method, url, scope }) =>
      callersOf(scope).map((caller) => asked(caller, method, pathOf(url, VALUES), [HOST], url)),
    );
    const found = await answers(own);

    expect(found.map(leak).filter(Boolean)).toEqual([]);
    // Were somebody answered who may not, it would be seen (control run).
    const answered = found.filter(({ isThrough, route }) => isThrough && route?.scope !== 'nothing');
    expect(answered.length).toBeGreaterThan(100);
    expect(answered.map((each) => leak({ ...each, caller: 'nobody' })).filter(Boolean)).toHaveLength(
      answered.length,
    );
    // Each to the letter, not just no leak.
    for (const { caller, about, method, status, route } of found) {
      const of = `${caller} ${method} ${about}`;
      const { scope, alsoFor } = routes.find((each) => each.url === about && each.method === method)!;
      expect([route?.scope, route?.alsoFor], of).toEqual([scope, alsoFor]);
      if (isFor(caller, { scope, alsoFor })) expect([401, 403], of).not.toContain(status);
      else expect(status, of).toBe(STRANGERS.includes(caller) ? 401 : 403);
    }
    const refused = found.filter(({ status }) => status === 401 || status === 403).length;
    console.log(`${found.length} calls of ${routes.length} routes, ${refused} refused, 0 leaks`);
  });

  it('are so by every method', async () => {
    const found = await answers(
      paths.flatMap(([url, scope]) =>
        METHODS.flatMap((method) =>
          callersOf(scope).map((caller) => asked(caller, method, pathOf(url, VALUES), [HOST], url)),
        ),
      ),
    );
    expect(found.map(leak).filter(Boolean)).toEqual([]);
    console.log(`${found.length} calls by ${METHODS.length} methods, 0 leaks`);
  });

  it.each(Object.entries(SPELLINGS))('are so however they are written: %s', async (about, spelling) => {
    const found = await answers(
      routes
        .filter(({ method, scope }) => method !== 'HEAD' && scope !== 'nothing')
        .flatMap(({ method, url }) => {
          const { target = pathOf(url, VALUES), headers } = spelling(pathOf(url, VALUES));
          return OTHERS.map((caller) => asked(caller, method, target, headers, about));
        }),
    );
    expect(found.map(leak).filter(Boolean)).toEqual([]);
    const met = found.filter(({ route }) => route?.scope !== undefined).length;
    console.log(`${about}: ${found.length} calls, ${met} of them to a route, 0 leaks`);
  });
});

const GOOD = keys['predict']!;
const WRITTEN: Readonly<Record<string, string>> = {
  KEY: GOOD,
  SHORT: GOOD.slice(0, -1),
  K64: Buffer.from(`${GOOD}:`).toString('base64'),
};
const written = (text: string): string => text.replaceAll(/KEY|SHORT|K64/g, (word) => WRITTEN[word]!);

/** What is answered to these headers, and to this address. */
async function status(headers: readonly string[], target = '/models'): Promise<number> {
  const id = `shown-${++ids}`;
  const request = { id, method: 'GET', target: written(target), headers: [HOST, ...headers.map(written)] };
  return (await pipelined(port, [request])).get(id)!.status;
}

describe('a key', () => {
  it.each([
    [`authorization: Bearer KEY`],
    [`Authorization: bearer   KEY  `],
    [`x-api-key: KEY`],
    // The first way counts alone.
    [`x-api-key: wrong`, `authorization: Bearer KEY`],
  ])('is known: %s', async (...headers) => {
    expect(await status(headers)).toBe(200);
  });

  it.each([
    [`authorization: Bearer KEY`, 'authorization: Bearer wrong'],
    ['authorization: Bearer wrong', `authorization: Bearer KEY`],
    [`authorization: Bearer KEY`, `authorization: Bearer KEY`],
    [`x-api-key: KEY`, `x-api-key: KEY`],
    [`x-api-key: KEY`, 'authorization: Bearer wrong'],
    [`x-api-key: KEY`, 'authorization:'],
    [`authorization: KEY`],
    [`authorization: Basic K64`],
    [`authorization: Bearer KEY KEY`],
    [`authorization: Bearer SHORT`],
    [`authorization: Bearer KEYx`],
    [`proxy-authorization: Bearer KEY`],
    [`cookie: key=KEY; api_key=KEY; authorization=Bearer KEY; x-api-key=KEY`],
    [`x_api_key: KEY`],
    [`api-key: KEY`],
  ])('is none where it is shown otherwise: %s', async (...headers) => {
    expect(await status(headers)).toBe(401);
  });

  it.each([
    ...['key', 'api_key', 'apikey', 'x-api-key', 'access_token', 'authorization'].map(
      (name) => `/models?${name}=KEY`,
    ),
    `/models?authorization=Bearer%20KEY`,
    `http://KEY@127.0.0.1/models`,
    `http://key:KEY@127.0.0.1/models`,
    `/models#KEY`,
  ])('is none in an address: %s', async (target) => {
    expect(await status([], target)).toBe(401);
  });
});

describe('who has no key', () => {
  it('hears it before anything of a body is read, and is not told to send it', async () => {
    for (const expectation of ['', 'expect: 100-continue\r\n']) {
      const connection = await Connection.open(port);
      const { status: refused, headers } = await connection.call(
        `POST /models/iris/predict HTTP/1.1\r\n${HOST}\r\ncontent-type: application/json\r\n${expectation}content-length: 1000\r\n\r\n`,
      );
      expect(refused).toBe(401);
      expect(headers['www-authenticate']).toBe('Bearer realm="nestor"');
    }
  });

  it('may ask by a preflight what pages of other origins may call', async () => {
    const callable = routes.filter(({ method, scope }) => method !== 'HEAD' && !isOfManagement(scope));
    for (const { method, url } of callable) {
      const reply = await test.send('OPTIONS', pathOf(url, VALUES), undefined, {
        origin: 'https://page.example',
        'access-control-request-method': method,
        'access-control-request-headers': 'authorization',
      });
      expect(reply, `${method} ${url}`).toMatchObject({
        status: 204,
        headers: { 'access-control-allow-origin': '*', 'access-control-allow-headers': 'authorization' },
      });
    }
    // A page can read the refusal of the call itself.
    const { status: refused, headers } = await test.get('/models', { origin: 'https://page.example' });
    expect([refused, headers['access-control-allow-origin']]).toEqual([401, '*']);
  });
});
