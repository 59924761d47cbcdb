import Fastify, { type FastifyContextConfig } from 'fastify';
import { DomainError, Forbidden } from '../errors/errors.js';
import { routeOf } from '../http/route-kind.js';
import { AppConfig } from '../config/app-config.js';
import { Siblings } from '../channel/siblings.js';
import { CallerLimits } from './caller-limits.js';
import { MetricsRegistry } from '../observability/metrics-registry.js';
import { addAuthentication, type Authenticator } from './authentication.js';
import type { Identity } from './identity.js';
import type { Scope } from './scope.js';

const identity = (...scopes: Scope[]): Identity => ({
  principal: scopes.join('+'),
  scopes: new Set(scopes),
  models: undefined,
  rate: undefined,
});
const KNOWN: Readonly<Record<string, Identity>> = {
  predicts: identity('predict'),
  trains: identity('runner'),
  both: identity('predict', 'audit'),
};
const ROUTES: Readonly<Record<string, FastifyContextConfig>> = {
  '/open': { scope: 'nothing' },
  '/predict': { scope: 'predict' },
  '/audit': { scope: 'audit' },
  '/job': { scope: 'train', alsoFor: 'runner' },
  '/rows': { scope: 'train', alsoFor: 'lease' },
};

interface Told {
  readonly status: number;
  readonly said: string;
  readonly asks: unknown;
}

/** Asks a server with these callers; what is answered is who asked. */
async function ask(
  url: string,
  headers: Readonly<Record<string, string>> = {},
  find: Authenticator['find'] = (credential) => KNOWN[credential],
): Promise<Told> {
  const server = Fastify();
  onTestFinished(() => server.close());
  server.decorateRequest('route', null).decorateRequest('identity', null).decorateRequest('allowance', null);
  server.setErrorHandler((error, _request, reply) =>
    reply.status(statusOf(error)).send((error as Error).message),
  );
  server.addHook('onRequest', (request, _reply, done) => {
    request.route = routeOf(request);
    done();
  });
  const limits = new CallerLimits(new MetricsRegistry(AppConfig.from({})), new Siblings());
  addAuthentication(server, { find }, limits);
  for (const [path, config] of Object.entries(ROUTES))
    server.get(path, { config }, (request) => request.identity?.principal ?? 'nobody');
  const reply = await server.inject({ url, headers });
  return { status: reply.statusCode, said: reply.body, asks: reply.headers['www-authenticate'] };
}

function statusOf(error: unknown): number {
  if (!(error instanceof DomainError)) return 500;
  return error instanceof Forbidden ? 403 : 401;
}

const bearer = (key: string): Record<string, string> => ({ authorization: `Bearer ${key}` });

describe('who asks', () => {
  it('is known by what he shows', async () => {
    expect(await ask('/predict', bearer('predicts'))).toMatchObject({ status: 200, said: 'predict' });
    expect(await ask('/audit', { 'x-api-key': 'both' })).toMatchObject({
      status: 200,
      said: 'predict+audit',
    });
  });

  it('is told how to send a key, in words and by a header', async () => {
    const none = await ask('/predict');
    expect(none).toMatchObject({ status: 401, asks: 'Bearer realm="nestor"' });
    expect(none.said).toContain('send a key as "Authorization: Bearer <key>" or as "x-api-key: <key>"');
    expect(await ask('/predict', bearer('another'))).toMatchObject({
      status: 401,
      asks: 'Bearer realm="nestor"',
      said: 'this key is not known, or no longer; ask the operator for another one',
    });
  });

  it('may not do what needs another scope, and hears which', async () => {
    expect(await ask('/audit', bearer('predicts'))).toEqual({
      status: 403,
      said: 'this needs the scope audit, and the key has predict; ask the operator for a key that has it',
      asks: undefined,
    });
  });

  it('is not asked for where nothing is needed, nor where there is no route', async () => {
    const find = vi.fn<Authenticator['find']>();
    expect(await ask('/open', bearer('another'), find)).toMatchObject({ status: 200, said: 'nobody' });
    expect((await ask('/nowhere', {}, find)).status).toBe(404);
    expect(find).not.toHaveBeenCalled();
  });

  it('may be a runner: on some routes, on others by a lease alone', async () => {
    expect((await ask('/job', bearer('trains'))).status).toBe(200);
    expect((await ask('/rows', bearer('trains'))).status).toBe(403);
    expect((await ask('/rows', { ...bearer('trains'), 'x-job-lease': 'x' })).status).toBe(200);
    expect((await ask('/rows', { ...bearer('predicts'), 'x-job-lease': 'x' })).status).toBe(403);
    expect((await ask('/predict', { ...bearer('trains'), 'x-job-lease': 'x' })).status).toBe(403);
  });

  it('may be found later, or not at all at the moment', async () => {
    const later = (key: string): Promise<Identity | undefined> => Promise.resolve(KNOWN[key]);
    expect(await ask('/predict', bearer('predicts'), later)).toMatchObject({ status: 200, said: 'predict' });
    expect((await ask('/predict', bearer('another'), later)).status).toBe(401);
    expect((await ask('/audit', bearer('predicts'), later)).status).toBe(403);
    const away = new Error('away');
    const thrown = (): never => {
      throw away;
    };
    for (const find of [thrown, () => Promise.reject(away)])
      expect(await ask('/predict', bearer('predicts'), find)).toMatchObject({ status: 500, said: 'away' });
  });
});
