import type { FastifyInstance, FastifyRequest } from 'fastify';
import { LEAST_BYTES } from '../inputs/body-form.js';
import { routeOf } from './route-kind.js';

/** Has routes take small bodies alone, unless they say that they take more; must be asked before the routes are there. */
export function limitBodies(server: FastifyInstance, maxBodyBytes: number): void {
  server.decorateRequest('bodyForm', null);
  server.addHook('onRoute', (route) => {
    const { takes, takesArchive } = route.config ?? {};
    if (takes !== undefined && takes !== 'nothing') return;
    if (takesArchive !== true) route.bodyLimit = Math.min(LEAST_BYTES, maxBodyBytes);
  });
}

/** Bytes that the body of this request may have. */
export function bodyLimitOf(request: FastifyRequest): number {
  const { bodyLimit } = routeOf(request);
  return request.bodyForm === null ? bodyLimit : Math.min(request.bodyForm.bytes, bodyLimit);
}

/** Says how large the body may be, and where more can be sent. */
export function bodyTooLarge(request: FastifyRequest): string {
  const limit = `the body may have ${bodyLimitOf(request).toLocaleString('en')} bytes here`;
  if (request.method === 'GET') return `${limit}; POST what is larger to the model's own route`;
  const { takes } = routeOf(request);
  if (takes === 'row') return `${limit}, more than a row takes; send many rows to /v1/models/<model>:predict`;
  return typeof takes === 'object' || takes === 'rows' ? `${limit}; send fewer rows per call` : limit;
}
