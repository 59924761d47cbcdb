import type { FastifyRequest } from 'fastify';

/** Route templates are few and fixed, so each is made readable once. */
const READABLE = new Map<string, string>();

/** The template of the route that answers, as people write it: metrics, access lines and records name it so. */
export function routeOf(request: FastifyRequest): string {
  const template = request.is404 ? undefined : request.routeOptions.url;
  if (template === undefined) return 'unmatched';
  let route = READABLE.get(template);
  if (route === undefined) {
    // Without the pattern that the router needs to tell a parameter from a colon.
    route = template.replaceAll(/\(\^[^)]*\)/g, '').replaceAll('::', ':');
    READABLE.set(template, route);
  }
  return route;
}
