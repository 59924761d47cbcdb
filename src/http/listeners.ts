import type { FastifyContextConfig, FastifyInstance } from 'fastify';
import { createServer, type IncomingMessage, type Server, type ServerOptions } from 'node:http';
import { WholeBodyRequest } from './whole-body.js';

/** Where requests come in. Without `MANAGEMENT_PORT` all of them are public. */
export type Listener = 'public' | 'management';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Where the route is answered, if not where its scope says. */
    listener?: Listener | 'both';
  }
  interface FastifyInstance {
    /** What listens at `MANAGEMENT_PORT`; undefined: nothing does. */
    management: Server | undefined;
  }
}

/** What a route is, as far as it matters here. */
interface Declared {
  readonly url: string;
  readonly config?: FastifyContextConfig | undefined;
}

const READS_MODELS = /^\/models(?:\/|$)/;

/**
 * Where a route is answered where there is a port for management: predictions and feedback at the public one, what there is
 * to read of models at both, since commands and runners read it too, and all the rest at that of management.
 */
export function listenerOfRoute({ url, config = {} }: Declared): Listener | 'both' {
  const { listener, scope, kind } = config;
  if (listener !== undefined) return listener;
  if (scope === 'feedback') return 'public';
  if (scope !== 'predict') return 'management';
  return kind === undefined && READS_MODELS.test(url) ? 'both' : 'public';
}

/** By its class it is known at which listener a request came in, and no header can say otherwise. */
class ManagementRequest extends WholeBodyRequest {}

export const listenerOf = (raw: IncomingMessage): Listener =>
  raw instanceof ManagementRequest ? 'management' : 'public';

/** What Node does not take for an ordinary request. */
const LEFT_TO_THE_FIRST = ['clientError', 'connect', 'checkContinue', 'checkExpectation'] as const;

/**
 * A second listener of the same application, and routes that are answered at one of the two alone: the router itself does
 * not find them at the other, so nobody can tell them from such as there are not, however a path is written. Must be asked
 * before the routes are there. `http` are the options of the first one.
 */
export function addManagement(server: FastifyInstance, http: ServerOptions): void {
  server.addConstraintStrategy({
    name: 'listener',
    storage: () => {
      const handlers = new Map();
      return {
        get: (listener) => handlers.get(listener) ?? null,
        set: (listener, handler) => void handlers.set(listener, handler),
      };
    },
    deriveConstraint: listenerOf,
  });
  server.addHook('onRoute', (route) => {
    const listener = listenerOfRoute(route);
    if (listener !== 'both') route.constraints = { ...route.constraints, listener };
  });
  const first = server.server;
  const second = createServer({ ...http, IncomingMessage: ManagementRequest }, server.routing);
  second.keepAliveTimeout = first.keepAliveTimeout;
  second.requestTimeout = first.requestTimeout;
  for (const event of LEFT_TO_THE_FIRST)
    second.on(event, (...given: unknown[]) => first.emit(event, ...given));
  server.decorate('management', second);
}

/** All that listens, in the order in which it ends: the state of a server can be asked for to the last. */
export const listenersOf = ({ server, management }: FastifyInstance): readonly Server[] =>
  management === undefined ? [server] : [server, management];
