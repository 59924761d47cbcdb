import { createTestApp, type TestApp } from '../support/create-app.js';
import { problem } from '../support/shapes.js';

interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly url: string;
}
interface From {
  readonly remoteAddress?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Every method and path of the documentation that a page in a browser is refused. */
async function adminRoutes(test: TestApp): Promise<Route[]> {
  const { paths } = (await test.get('/openapi.json')).body as { paths: Record<string, object> };
  const all = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((name) => ({
      method: name.toUpperCase() as 'GET',
      url: path.replaceAll(/\{\w+\}/g, 'nobody'),
    })),
  );
  const replies = await Promise.all(all.map((route) => send(test, route, FROM_A_PAGE[0]!)));
  return all.filter((_, index) => replies[index]!.statusCode === 403);
}

const local = await createTestApp({ CORS_ORIGINS: '*' });
const off = await createTestApp({ CORS_ORIGINS: '*', AUTH: 'off' });
const send = ({ app }: TestApp, route: Route, { remoteAddress = '127.0.0.1', headers = {} }: From) =>
  app.inject({ ...route, remoteAddress, headers: { host: 'localhost:3000', ...headers } });

const FROM_A_PAGE: From[] = [
  { headers: { origin: 'http://localhost:3000' } },
  { headers: { origin: 'null' } },
  { headers: { origin: '' } },
];
const FROM_ELSEWHERE: From[] = [
  { remoteAddress: '10.0.0.7' },
  { remoteAddress: '::ffff:10.0.0.7' },
  { remoteAddress: 'fe80::1' },
  { headers: { host: 'models.example' } },
  { headers: { host: 'localhost.models.example' } },
  { headers: { host: '127.0.0.1.models.example' } },
  { headers: { host: '10.0.0.1:3000' } },
  { headers: { forwarded: 'for=10.0.0.7' } },
  { headers: { 'x-forwarded-for': '127.0.0.1' } },
  { headers: { 'x-forwarded-proto': 'https' } },
  { headers: { via: '1.1 proxy' } },
];
const FROM_HERE: From[] = [
  {},
  { remoteAddress: '127.8.9.1' },
  { remoteAddress: '::1', headers: { host: '[::1]:3000' } },
  { remoteAddress: '::ffff:127.0.0.1', headers: { host: '127.0.0.1' } },
  { headers: { host: 'LOCALHOST' } },
];

const routes = await adminRoutes(local);

describe('routes that change models, and those of trainings', () => {
  it('are these', () => {
    expect(routes.map(({ method, url }) => `${method} ${url}`).toSorted()).toEqual([
      'DELETE /jobs/nobody',
      'DELETE /models/nobody/aliases/nobody',
      'DELETE /models/nobody/versions/nobody',
      'DELETE /v2/models/nobody/train/nobody',
      'GET /jobs',
      'GET /jobs/nobody',
      'GET /jobs/nobody/events',
      'GET /models/nobody/history',
      'GET /models/nobody/labelled',
      'GET /models/nobody/versions/nobody/artifact',
      'GET /predictions/nobody',
      'GET /v2/models/nobody/train/',
      'GET /v2/models/nobody/train/nobody',
      'POST /jobs/nobody/heartbeat',
      'POST /jobs/nobody/result',
      'POST /models/nobody/rollback',
      'POST /models/nobody/train',
      'POST /models/nobody/versions',
      'POST /runners/claim',
      'POST /v2/models/nobody/train/',
      'PUT /models/nobody/aliases/nobody',
    ]);
  });
});

describe.each(routes)('$method $url', (route) => {
  it.each(FROM_A_PAGE)('is nothing for a page in a browser: %j', async (from) => {
    for (const app of [local, off]) {
      const reply = await send(app, route, from);
      expect(reply.json()).toEqual(
        problem('forbidden', 403, { detail: expect.stringContaining('no Origin header') as string }),
      );
    }
  });

  it.each(FROM_ELSEWHERE)('is for this machine alone, unless AUTH=off is written: %j', async (from) => {
    expect((await send(local, route, from)).json()).toEqual(
      problem('forbidden', 403, { detail: expect.stringContaining('set AUTH=off') as string }),
    );
    expect((await send(off, route, from)).statusCode).not.toBe(403);
  });

  it.each(FROM_HERE)('is for this machine: %j', async (from) => {
    expect((await send(local, route, from)).statusCode).not.toBe(403);
  });

  it('has no CORS headers, nor has its preflight', async () => {
    const origin = 'https://page.example';
    const replies = [
      await send(local, route, {}),
      await send(local, route, { headers: { origin } }),
      await send(
        local,
        { ...route, method: 'OPTIONS' as 'GET' },
        {
          headers: { origin, 'access-control-request-method': route.method },
        },
      ),
    ];
    for (const { headers } of replies)
      expect(Object.keys(headers).filter((name) => name.startsWith('access-control-'))).toEqual([]);
    expect(replies[2]!.statusCode).toBe(405);
  });
});

it('what only reads is for everybody', async () => {
  for (const url of ['/models', '/models/iris', '/models/iris/versions/1', '/models/iris/versions/1/card']) {
    const reply = await send(local, { method: 'GET', url }, { remoteAddress: '10.0.0.7' });
    expect(reply.statusCode, url).toBe(200);
  }
});
