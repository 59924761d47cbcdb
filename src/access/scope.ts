import { RouteConfig } from '@nestjs/platform-fastify';
import { ApiExtension } from '@nestjs/swagger';
import type { FastifyContextConfig } from 'fastify';

/** What a key may be good for; none implies another. */
export const SCOPES = ['predict', 'feedback', 'train', 'runner', 'audit', 'metrics', 'admin'] as const;
export type Scope = (typeof SCOPES)[number];

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What a caller needs for this route. Every route says it, or the server does not start. */
    scope?: Scope | 'nothing';
    /**
     * A key of scope `runner` will do as well; `lease`: where its caller shows the lease of a job of that model, which the
     * handler looks at.
     */
    alsoFor?: 'runner' | 'lease';
  }
}

/** What an operation of the document has in place of its security until the document is made. */
export const SCOPE = 'x-scope';

/** Says on a handler what its callers need, and with it what else the server must know of its route before it is asked. */
export const Needs =
  (scope: Scope | 'nothing', told: FastifyContextConfig = {}): MethodDecorator =>
  (controller, name, descriptor) => {
    RouteConfig({ ...told, scope })(controller, name, descriptor);
    ApiExtension(SCOPE, { scope })(controller, name, descriptor);
  };

const OF_MANAGEMENT = new Set<string>(['train', 'runner', 'audit', 'admin'] satisfies Scope[]);

/** Whether a route changes what is served, or tells what others have asked: the routes that are not for everybody even where callers have no keys. */
export const isOfManagement = (scope: Scope | 'nothing' | undefined): boolean =>
  scope !== undefined && OF_MANAGEMENT.has(scope);
