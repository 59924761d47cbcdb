import type { FastifyInstance } from 'fastify';
import type { IncomingMessage } from 'node:http';

import { newId } from './ids.js';
import type { AppLogger } from '../observability/app-logger.js';
import type { HttpMetrics } from '../observability/http-metrics.js';

const SAFE_ID = /^[A-Za-z0-9._-]{1,128}$/;

/** The caller's `x-request-id` where it is safe to repeat, else a new one. */
export function requestId(request: Pick<IncomingMessage, 'headers'>): string {
  const given = request.headers['x-request-id'];
  return typeof given === 'string' && SAFE_ID.test(given) ? given : newId();
}

/** What happens around every request: the id on the reply, the duration measured, one access line if asked for. */
export function addRequestHooks(server: FastifyInstance, metrics: HttpMetrics, logger: AppLogger): void {
  server.addHook('onRequest', (request, reply, done) => {
    void reply.header('x-request-id', request.id);
    done();
  });
  server.addHook('onResponse', (request, reply, done) => {
    const route = request.routeOptions.url ?? 'unmatched';
    metrics.observe(request.method, route, reply.statusCode, reply.elapsedTime / 1000);
    if (logger.logsAccess) {
      logger.access({
        request_id: request.id,
        method: request.method,
        route,
        status: reply.statusCode,
        duration_ms: Math.round(reply.elapsedTime * 1000) / 1000,
      });
    }
    done();
  });
}
