import type { FastifyInstance, RouteOptions } from 'fastify';

declare module 'fastify' {
  interface FastifyContextConfig {
    /**
     * Answers with and without a slash at the end of its path: the services that had such routes before sent callers on to
     * the right one.
     */
    eitherSlash?: boolean;
    /** Of the path with the other end: the path that all records and metrics name. */
    template?: string;
  }
}

/** Adds the path with the other end of such routes: the same route, for whoever asks what it is. */
export function answerEitherSlash(server: FastifyInstance): void {
  server.addHook('onRoute', (route: RouteOptions) => {
    const { url, config } = route;
    // Fastify makes a HEAD of every GET by itself.
    if (
      config?.eitherSlash !== true ||
      config.template !== undefined ||
      url === '/' ||
      route.method === 'HEAD'
    )
      return;
    const other = url.endsWith('/') ? url.slice(0, -1) : `${url}/`;
    server.route({ ...route, url: other, config: { ...config, template: url } });
  });
}
