import Fastify, { type FastifyInstance } from 'fastify';
import { demandScopes } from './declared-scopes.js';

function serverOf(add: (server: FastifyInstance) => void): FastifyInstance {
  const server = Fastify();
  onTestFinished(() => server.close());
  demandScopes(server);
  add(server);
  return server;
}
const handler = (): string => '';

describe('a server with a route that does not say what its callers need', () => {
  it('does not start, and says which', async () => {
    const server = serverOf((to) => {
      to.get('/open', { config: { scope: 'nothing' } }, handler);
      to.get('/a', handler);
      to.post('/b', { config: { takesTable: true } }, handler);
    });
    await expect(server.ready()).rejects.toThrow(
      /^a route must say what its callers need: GET \/a, HEAD \/a, POST \/b$/,
    );
  });

  it('does not start either where a plugin has added it', async () => {
    const server = serverOf((to) => void to.register(async (inner) => void inner.get('/c', handler)));
    await expect(server.ready()).rejects.toThrow('/c');
  });

  it('starts where all do, also by a hook that comes later', async () => {
    const server = serverOf((to) => {
      to.addHook('onRoute', (route) => {
        route.config = { ...route.config, scope: 'audit' };
      });
      to.get('/a', handler);
    });
    await server.ready();
  });
});
