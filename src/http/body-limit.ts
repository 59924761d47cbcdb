import type { FastifyInstance, FastifyRequest } from 'fastify';
import { LEAST_BYTES } from '../inputs/body-form.js';
import { type Route, routeOf, type Takes } from './route-kind.js';

/** Has routes take small bodies alone, unless they say that they take more; must be asked before the routes are there. */
export function limitBodies(server: FastifyInstance, maxBodyBytes: number): void {
  server.decorateRequest('bodyForm', null);
  server.addHook('onRoute', (route) => {
    const { takes, takesArchive } = route.config ?? {};
    if (takesArchive !== true) route.bodyLimit = routeLimit(takes, maxBodyBytes);
  });
}

/** Bytes that the body may have of a route that takes this, whatever its model. */
export function routeLimit(takes: Takes | undefined, maxBodyBytes: number): number {
  const isSmall = takes === undefined || takes === 'nothing';
  return isSmall ? Math.min(LEAST_BYTES, maxBodyBytes) : maxBodyBytes;
}

/** Bytes that the body of this request may have. */
export function bodyLimitOf(request: FastifyRequest): number {
  const { bodyLimit } = routeOf(request);
  return request.bodyForm === null ? bodyLimit : Math.min(request.bodyForm.bytes, bodyLimit);
}

/** Says how large the body of this request may be, and where more can be sent. */
export function bodyTooLarge(request: FastifyRequest): string {
  return tooLargeText(request.method, routeOf(request), bodyLimitOf(request));
}

/** The same of any call of a route whose body may have so many bytes. */
export function tooLargeText(
  method: string,
  { kind, takes }: Pick<Route, 'kind' | 'takes'>,
  bytes: number,
): string {
  const limit = `the body may have ${bytes.toLocaleString('en')} bytes here`;
  if (kind !== 'prediction') return limit;
  if (method === 'GET') return `${limit}; POST what is larger to the model's own route`;
  if (takes === 'row') return `${limit}, more than a row takes; send many rows to /v1/models/<model>:predict`;
  return typeof takes === 'object' || takes === 'rows' ? `${limit}; send fewer rows per call` : limit;
}
