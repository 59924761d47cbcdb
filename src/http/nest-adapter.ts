import { FastifyAdapter } from '@nestjs/platform-fastify';
import fastify, { type FastifyHttpOptions } from 'fastify';
import type { Server } from 'node:http';

/**
 * A server, and Nest upon it without the hooks by which its adapter would ask at each request for what is not used
 * here: its own CORS and security headers, versions of routes, hooks of an application. They took a tenth of what Fastify
 * takes of a request, and the one at the end of a reply two listeners.
 */
export function nestAdapter(options: FastifyHttpOptions<Server>): FastifyAdapter {
  const server = fastify(options);
  const { addHook } = server;
  server.addHook = () => server;
  const adapter = new FastifyAdapter(server);
  server.addHook = addHook;
  return adapter;
}
