import type { FastifyInstance, FastifyRequest, RouteOptions } from 'fastify';
import Router, { type HTTPMethod } from 'find-my-way';
import { isOfManagement, type Scope } from '../access/scope.js';
import { type Listener, listenerOf, listenerOfRoute } from './listeners.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Its method is not allowed on its path; the route is there to say so of what there is, and 404 of what there is not. */
    neverAllowed?: boolean;
  }
}

const pathOf = (url: string): string => url.split('?', 1)[0] ?? url;

/**
 * Knows which methods a path answers, so that a wrong method on a known path gets 405 with `Allow`, not 404. Of a path that
 * answers some methods only at the other port, nobody is told so: a method that is not answered here is as a path that
 * there is not.
 */
export class AllowedMethods {
  private readonly routers: Record<Listener, ReturnType<typeof Router>>;
  private readonly methods = new Set<HTTPMethod>();

  /** @param hasManagement whether routes are answered at one of two ports */
  constructor(private readonly hasManagement: boolean) {
    const all = Router();
    this.routers = { public: all, management: hasManagement ? Router() : all };
  }

  /** Must be called before the first route is added. */
  watch(server: FastifyInstance): void {
    server.addHook('onRoute', (route) => {
      if (route.config?.neverAllowed === true) return;
      const listener = this.hasManagement ? listenerOfRoute(route) : 'public';
      for (const each of listener === 'both' ? (['public', 'management'] as const) : [listener])
        this.add(this.routers[each], route);
    });
  }

  /** Whether the route that a request would meet by `method` is one of management. */
  areOfManagement(method: string, { raw, url }: FastifyRequest): boolean {
    if (!this.methods.has(method as HTTPMethod)) return false;
    const found = this.routers[listenerOf(raw)].find(method as HTTPMethod, pathOf(url));
    return isOfManagement(found?.store as Scope | undefined);
  }

  /** @returns the methods of the route that a request's path belongs to; none: the path is not known. */
  for({ raw, url }: FastifyRequest): string[] {
    const here = listenerOf(raw);
    const allowed = this.at(here, url);
    if (!this.hasManagement) return allowed;
    const elsewhere = this.at(here === 'public' ? 'management' : 'public', url);
    return elsewhere.every((method) => allowed.includes(method)) ? allowed : [];
  }

  private add(router: ReturnType<typeof Router>, { method, url, config }: RouteOptions): void {
    for (const each of [method].flat() as HTTPMethod[]) {
      this.methods.add(each);
      if (!router.hasRoute(each, url)) router.on(each, url, () => undefined, config?.scope);
    }
  }

  private at(listener: Listener, url: string): string[] {
    return [...this.methods].filter((method) => this.routers[listener].find(method, pathOf(url)) !== null);
  }
}
