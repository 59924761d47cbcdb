import type { FastifyInstance } from 'fastify';
import { MARK } from './mark.js';

/** Serves the mark, which every page names as its icon. */
export function serveFavicon(server: FastifyInstance): void {
  server.get('/favicon.svg', { config: { scope: 'nothing', listener: 'both' } }, (_request, reply) =>
    reply.type('image/svg+xml').header('cache-control', 'max-age=86400').send(MARK),
  );
}
