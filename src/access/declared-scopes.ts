import type { FastifyInstance, RouteOptions } from 'fastify';

/** Refuses to start with a route that does not say what its callers need; must be asked before the routes are there. */
export function demandScopes(server: FastifyInstance): void {
  const all: RouteOptions[] = [];
  server.addHook('onRoute', (route) => {
    all.push(route);
  });
  server.addHook('onReady', (done) => {
    const silent = all.filter(({ config }) => config?.scope === undefined);
    const names = silent.map(({ method, url }) => `${String(method)} ${url}`).join(', ');
    done(silent.length === 0 ? undefined : new TypeError(`a route must say what its callers need: ${names}`));
  });
}
