import { NotFoundException } from '@nestjs/common';
import type { FastifyInstance } from 'fastify';
import type { IncomingMessage } from 'node:http';
import type { AppLogger } from '../observability/app-logger.js';
import type { HttpMetrics } from '../observability/http-metrics.js';
import { newId } from '../observability/ids.js';
import { BodyDrain } from './body-drain.js';
import type { ConnectionDrain } from './connection-drain.js';
import { endWithReply, refuseWhileClosing } from './last-reply.js';
import { assertDecodable, queryOf } from './percent-encoding.js';
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
 * What happens around every request: the id on the reply, the duration measured, one access line if asked for. Must be
 * added before all that answers a request, or no reply of theirs has an id and a time at which it began.
 * The duration ends where the reply is handed to the socket; a hook on its end would cost two listeners per request.
 */
export function addRequestHooks(
  server: FastifyInstance,
  metrics: HttpMetrics,
  logger: AppLogger,
  shutdown: Shutdown,
): void {
  server.decorateRequest('startedAt', 0);
  server.decorateRequest('route', null);
  server.addHook('onRequest', (request, reply, done) => {
    request.startedAt = performance.now();
    request.route = routeOf(request);
    void reply.header('x-request-id', request.id);
    done();
  });
  server.addHook('onSend', (request, reply, _payload, done) => {
    if (shutdown.hasBegun) endWithReply(request, reply);
    const milliseconds = performance.now() - request.startedAt;
    const { template: route, kind } = routeOf(request);
    const counted = kind === 'prediction' ? kind : 'other';
    metrics.observe(request.method, route, counted, reply.statusCode, milliseconds / 1000);
    if (logger.logsAccess) {
      logger.access({
        request_id: request.id,
        method: request.method,
        route,
        status: reply.statusCode,
        duration_ms: Math.round(milliseconds * 1000) / 1000,
      });
    }
    done();
  });
}

/** While the server closes, refuses all but the first request of a connection: who has just connected did not know. */
export function refuseWhileStopping(server: FastifyInstance, drain: ConnectionDrain): void {
  const bodies = new BodyDrain();
  server.addHook('onRequest', (request, reply, done) => {
    if (drain.isClosing && request.raw.socket.bytesWritten > 0) refuseWhileClosing(request, reply, bodies);
    else done();
  });
}

/**
 * Refuses what no route answers, and a query that cannot be decoded, before the body is read, whose faults would else be
 * told instead.
 */
export function refuseBadUrls(server: FastifyInstance): void {
  server.addHook('onRequest', (request, _reply, done) => {
    if (request.is404) return done(new NotFoundException());
    const { url } = request.raw;
    // Few have one.
    if (url!.includes('%')) assertDecodable(queryOf(url!));
    done();
  });
}
