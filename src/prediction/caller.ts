import type { FastifyRequest } from 'fastify';
import type { Caller } from './prediction.js';

/** The caller of a request that came in by `route`. */
export function callerOf(request: FastifyRequest, route: string): Caller {
  return { requestId: request.id, route, principal: null, connection: request.raw.socket };
}
