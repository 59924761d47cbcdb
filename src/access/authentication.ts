import type { IncomingHttpHeaders } from 'node:http';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { ClientGone, Forbidden, Unauthenticated } from '../errors/errors.js';
import type { CallerLimits } from './caller-limits.js';
import type { Identity } from './identity.js';
import type { Scope } from './scope.js';

/** Knows callers by what they show. */
export interface Authenticator {
  /**
   * undefined: nobody that is known.
   * @throws Unauthenticated that says why, another DomainError where it cannot be told at the moment
   */
  find(credential: string): Identity | undefined | Promise<Identity | undefined>;
}

/** What a route is, as far as it matters here. */
interface Asked {
  readonly scope: Scope | 'nothing' | undefined;
  readonly alsoFor: 'runner' | 'lease' | undefined;
}

type Done = (error?: Error) => void;

const BEARER = /^bearer +([^ ]+) *$/i;
const CHALLENGE = 'Bearer realm="nestor"';
const SHOW = 'send a key as "Authorization: Bearer <key>" or as "x-api-key: <key>"';
const UNKNOWN = 'this key is not known, or no longer; ask the operator for another one';

/** Answers who has shown no key in another way than by a problem, with status 401; false: it does not. */
export type AnswerWithoutKey = (request: FastifyRequest, reply: FastifyReply) => boolean;

/** Has every route ask who calls and whether he may, before a body is read. Routes that need nothing ask nobody. */
export function addAuthentication(
  server: FastifyInstance,
  authenticator: Authenticator,
  limits: CallerLimits,
  answered: AnswerWithoutKey = () => false,
): void {
  limits.tellCallers(server);

  server.addHook('onRequest', (request, reply, done) => {
    const { route } = request;
    // What no route answers is told as such to everybody.
    if (route?.scope === undefined) return done();
    if (route.kind === 'health') return recognize(request, authenticator, done);
    if (route.scope === 'nothing') return done();
    const credential = credentialOf(request.headers);
    if (credential === undefined) {
      limits.addMissing();
      void reply.header('www-authenticate', CHALLENGE);
      if (!answered(request, reply)) done(new Unauthenticated(`this needs a key: ${SHOW}`));
      return;
    }
    try {
      const found = authenticator.find(credential);
      if (!(found instanceof Promise)) return answer(request, reply, route, done, found);
      const goOn = (then: () => void): void => afterWait(request, reply, then, done);
      found.then(
        (identity) => goOn(() => answer(request, reply, route, done, identity)),
        (error: Error) => goOn(() => fail(reply, done, error)),
      );
    } catch (error) {
      fail(reply, done, error as Error);
    }
  });

  function answer(
    request: FastifyRequest,
    reply: FastifyReply,
    route: Asked,
    done: Done,
    identity: Identity | undefined,
  ): void {
    if (identity === undefined) {
      const tooMany = limits.refuseStranger(request);
      return tooMany === undefined ? refuse(reply, done, UNKNOWN) : done(tooMany);
    }
    request.identity = identity;
    const tooMany = limits.begin(request, identity);
    if (tooMany !== undefined) return done(tooMany);
    done(mayAsk(identity, route, request.headers) ? undefined : new Forbidden(lacks(identity, route)));
  }

  function fail(reply: FastifyReply, done: Done, error: Error): void {
    if (!(error instanceof Unauthenticated)) return done(error);
    limits.addRefusedToken();
    refuse(reply, done, error.message);
  }
}

/**
 * A caller that has hung up meanwhile is not gone on with: who would read its body hears of no end of it any more, and
 * would hold its place for ever.
 */
function afterWait({ raw }: FastifyRequest, reply: FastifyReply, then: () => void, done: Done): void {
  // Its body broke off, and that was told.
  if (reply.sent) return;
  if (raw.socket.destroyed) done(new ClientGone());
  else then();
}

/** Of a caller who needs no key, and is told more if he shows one: whatever is wrong with it, he is answered. */
function recognize(request: FastifyRequest, authenticator: Authenticator, done: () => void): void {
  const credential = credentialOf(request.headers);
  if (credential === undefined) return done();
  const know = (identity?: Identity): void => {
    request.identity = identity ?? null;
    done();
  };
  let found: ReturnType<Authenticator['find']>;
  try {
    found = authenticator.find(credential);
  } catch {
    found = undefined;
  }
  if (!(found instanceof Promise)) return know(found);
  found.catch(() => undefined).then(know, done);
}

function mayAsk({ scopes }: Identity, { scope, alsoFor }: Asked, headers: IncomingHttpHeaders): boolean {
  if (scopes.has(scope as Scope)) return true;
  if (alsoFor === undefined || !scopes.has('runner')) return false;
  return alsoFor === 'runner' || headers['x-job-lease'] !== undefined;
}

const lacks = ({ scopes }: Identity, { scope }: Asked): string =>
  `this needs the scope ${scope}, and the key has ${[...scopes].join(', ') || 'none'}; ask the operator for a key that has it`;

function refuse(reply: FastifyReply, done: Done, detail: string): void {
  void reply.header('www-authenticate', CHALLENGE);
  done(new Unauthenticated(detail));
}

/** What a caller shows; a key in the address or in a cookie is none. */
function credentialOf(headers: IncomingHttpHeaders): string | undefined {
  const key = headers['x-api-key'];
  if (headers.authorization !== undefined) return BEARER.exec(headers.authorization)?.[1] ?? '';
  return typeof key === 'string' ? key : undefined;
}
