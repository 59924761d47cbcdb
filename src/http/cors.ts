import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { AllowedMethods } from './allowed-methods.js';
import { isOfManagement } from '../access/scope.js';
import { routeOf } from './route-kind.js';

const METHODS = 'GET, HEAD, POST';
const EXPOSED = 'x-request-id, x-prediction-id, server-timing, retry-after, ratelimit, ratelimit-policy';
/** Seconds for which a browser need not ask again. */
const MAX_AGE = '600';

/**
 * Lets pages of other origins call what is not of management. By hand, because the plugin answers preflights before any hook
 * of ours: they had no request id, and no time at which they began. Callers without an origin, all but browsers, get no
 * header for it: on every reply they cost a fifth of what the server can do. Must be added behind the hook that sets id
 * and time, and before those that refuse, so that a page can read a refusal too.
 */
export function addCors(
  server: FastifyInstance,
  origins: '*' | readonly string[],
  routes: AllowedMethods,
): void {
  if (origins.length === 0) return;
  server.addHook('onRequest', (request, reply, done) => {
    const asked = request.method === 'OPTIONS' ? askedMethod(request) : undefined;
    const isClosed =
      asked === undefined ? isOfManagement(routeOf(request).scope) : routes.areOfManagement(asked, request);
    if (isClosed) {
      done();
      return;
    }
    allow(request, reply, origins);
    if (asked === undefined) done();
    else answerPreflight(request, reply);
  });
}

/** What a preflight asks for; undefined: it is an ordinary OPTIONS. */
function askedMethod({ headers }: FastifyRequest): string | undefined {
  return headers.origin === undefined ? undefined : headers['access-control-request-method'];
}

function allow(
  { headers: { origin }, method }: FastifyRequest,
  reply: FastifyReply,
  origins: '*' | readonly string[],
): void {
  // Caches keep answers to GET, and must not give a page what was made for a caller without an origin.
  if (method !== 'POST') void reply.header('vary', 'Origin');
  if (origin === undefined) return;
  if (origins !== '*' && !origins.includes(origin)) return;
  void reply.header('access-control-allow-origin', origins === '*' ? '*' : origin);
  void reply.header('access-control-expose-headers', EXPOSED);
}

function answerPreflight({ headers }: FastifyRequest, reply: FastifyReply): void {
  const names = headers['access-control-request-headers'];
  if (names !== undefined) void reply.header('access-control-allow-headers', names);
  void reply
    .header('vary', 'Origin, Access-Control-Request-Headers')
    .header('access-control-allow-methods', METHODS)
    .header('access-control-max-age', MAX_AGE)
    .status(204)
    .header('content-length', '0')
    .send();
}
