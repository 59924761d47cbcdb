import type { FastifyInstance, FastifyReply } from 'fastify';
import type { IncomingMessage } from 'node:http';
import { newId } from '../observability/ids.js';
import { bodyBegins, isArriving } from './arriving.js';
import { BodyDrain } from './body-drain.js';
import type { Closing } from './connection-drain.js';
import type { FinishedRequests } from './finished-requests.js';
import { endWithReply, refuseWhileClosing } from './last-reply.js';
import { routeOf } from './route-kind.js';
import type { Shutdown } from './shutdown.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Milliseconds on the monotonic clock when the headers had arrived. */
    startedAt: number;
  }
}

const SAFE_ID = /^[A-Za-z0-9._-]{1,128}$/;

/** The caller's `x-request-id` where it is safe to repeat, else a new one. */
export function requestId(request: Pick<IncomingMessage, 'headers'>): string {
  const given = request.headers['x-request-id'];
  return typeof given === 'string' && SAFE_ID.test(given) ? given : newId();
}

/**
 * What happens around every request: the id on the reply, the duration measured, one access line if asked for, and the
 * rest of a body let through that was not waited for. Must be added before all that answers a request, or no reply of
 * theirs has an id and a time at which it began.
 * The duration ends where the reply is handed to the socket; a hook on its end would cost two listeners per request.
 */
export function addRequestHooks(
  server: FastifyInstance,
  finished: FinishedRequests,
  shutdown: Shutdown,
): void {
  server.decorate('finishedRequests', finished);
  server.decorateRequest('startedAt', 0);
  server.decorateRequest('route', null);
  server.decorateRequest('identity', null);
  server.decorateRequest('allowance', null);
  server.addHook('onRequest', (request, reply, done) => {
    request.startedAt = performance.now();
    request.route = routeOf(request);
    void reply.header('x-request-id', request.id);
    if (hasBody(request.raw)) bodyBegins(reply);
    done();
  });
  const drain = new BodyDrain();
  server.addHook('onSend', (request, reply, _payload, done) => {
    const { raw } = request;
    // Archives are let through by who reads them.
    if (isArriving(raw) && !routeOf(request).takesArchive) drain.add(raw, reply.raw);
    if (shutdown.hasBegun) endWithReply(request, reply);
    if (reply.statusCode >= 400) keepConnection(reply);
    const milliseconds = performance.now() - request.startedAt;
    const { identity } = request;
    const principal = identity === null ? null : identity.principal;
    finished.add(request.id, request.method, routeOf(request), reply.statusCode, milliseconds, principal);
    done();
  });
}

/**
 * While a listener closes, refuses all but the first request of a connection: who has just connected did not know. Calls
 * that wait for news are refused at the other one too: they would be answered at once, and come again. A worker that is
 * replaced answers what comes on connections that are there: each has one reply more, which ends it.
 */
export function refuseWhileStopping(server: FastifyInstance, closing: Closing, shutdown: Shutdown): void {
  server.addHook('onRequest', (request, reply, done) => {
    if (!closing.hasBegun()) return done();
    const { raw } = request;
    const isLeft = closing.isAt(raw) && raw.socket.bytesWritten > 0 && !shutdown.isReplaced;
    const isRefused = routeOf(request).waits || isLeft;
    if (isRefused) refuseWhileClosing(request, reply);
    else done();
  });
}

/**
 * Fastify ends the connection after every fault of a body; who is still sending would lose the answer. What we say
 * ourselves of the connection stands in the raw reply, and is meant.
 */
function keepConnection(reply: FastifyReply): void {
  if (reply.raw.hasHeader('connection') || !reply.hasHeader('connection')) return;
  void reply.header('connection', reply.raw.shouldKeepAlive ? 'keep-alive' : 'close');
}

const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined;
