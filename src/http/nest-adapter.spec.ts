import fastify, { type FastifyInstance } from 'fastify';
import { atEnd } from '../../test/support/clean-up.js';
import { nestAdapter } from './nest-adapter.js';

/** How many listeners wait for the end of a reply while it is made. */
async function listenersOf(server: FastifyInstance): Promise<unknown> {
  server.get('/', (_request, { raw }) => raw.listenerCount('finish') + raw.listenerCount('error'));
  atEnd(() => server.close());
  return (await fetch(await server.listen({ port: 0, host: '127.0.0.1' }))).json();
}

describe(nestAdapter.name, () => {
  it('has nothing wait for the end of a reply that Fastify alone would not', async () => {
    const server = nestAdapter({ forceCloseConnections: true }).getInstance();
    expect(await listenersOf(server)).toBe(await listenersOf(fastify({ forceCloseConnections: true })));
  });

  it('takes the hooks of the application', async () => {
    const server = nestAdapter({}).getInstance();
    server.addHook('onRequest', (_request, reply) => reply.status(418).send());
    expect((await server.inject('/')).statusCode).toBe(418);
  });
});
