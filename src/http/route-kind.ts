import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyRequest } from 'fastify';

/**
 * What a route is, where that decides how it is treated: `prediction` counts for the service level objectives and is
 * admitted by what it would cost; the 503 of `health` is no problem document; `admin` changes what is served.
 */
export type RouteKind = 'prediction' | 'health' | 'admin';

declare module 'fastify' {
  interface FastifyContextConfig {
    kind?: RouteKind;
  }
}

/** Says on a handler what its route is. */
export const Kind = (kind: RouteKind): MethodDecorator => RouteConfig({ kind });

/** What the handler of the route said; undefined: nothing, or there is no route. */
export function kindOf(request: FastifyRequest): RouteKind | undefined {
  return request.is404 ? undefined : request.routeOptions.config.kind;
}
