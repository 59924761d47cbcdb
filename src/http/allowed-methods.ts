import type { FastifyInstance } from 'fastify';
import Router, { type HTTPMethod } from 'find-my-way';
import { isOfManagement, type Scope } from '../access/scope.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Its method is not allowed on its path; the route is there to say so of what there is, and 404 of what there is not. */
    neverAllowed?: boolean;
  }
}

/** Knows which methods a path answers, so that a wrong method on a known path gets 405 with `Allow`, not 404. */
export class AllowedMethods {
  private readonly router = Router();
  private readonly methods = new Set<HTTPMethod>();

  /** Must be called before the first route is added. */
  watch(server: FastifyInstance): void {
    server.addHook('onRoute', ({ method, url, config }) => {
      if (config?.neverAllowed === true) return;
      for (const each of [method].flat() as HTTPMethod[]) {
        this.methods.add(each);
        if (!this.router.hasRoute(each, url)) this.router.on(each, url, () => undefined, config?.scope);
      }
    });
  }

  /** Whether the route that a request would meet is one of management. */
  areOfManagement(method: string, url: string): boolean {
    const path = url.split('?', 1)[0] ?? url;
    if (!this.methods.has(method as HTTPMethod)) return false;
    return isOfManagement(this.router.find(method as HTTPMethod, path)?.store as Scope | undefined);
  }

  /** @returns the methods of the route that `url` belongs to; none: the path is not known. */
  for(url: string): string[] {
    const path = url.split('?', 1)[0] ?? url;
    return [...this.methods].filter((method) => this.router.find(method, path) !== null);
  }
}
