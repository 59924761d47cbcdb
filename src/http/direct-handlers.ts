import type { Type } from '@nestjs/common';
import { ApiExtension } from '@nestjs/swagger';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Needs } from '../access/scope.js';
import type { Takes } from './route-kind.js';

/** A handler as Fastify calls it: it answers by `reply`, at once or later; what it throws goes to the filter. */
type Handler = (request: FastifyRequest, reply: FastifyReply) => void;

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Of a handler that Fastify calls without Nest in between. */
    direct?: { readonly controller: Type; readonly handler: Handler };
  }
}

/** What an operation has in place of how large its body may be until the document is made. */
export const TAKES = 'x-takes';

/**
 * Says of a handler `(request, reply): void` that it predicts, and what its body holds, of which model. Fastify calls it
 * itself: Nest's own way to a handler, with its pipes, guards and interceptors, awaits six times, which costs as much as
 * the model. Who may call and how much is hooks of the server, for all routes. Under Nest it would do the same, for the parameters are marked for it.
 */
export const Predicts =
  ({
    eitherSlash = false,
    ...told
  }: {
    readonly eitherSlash?: boolean;
    readonly takes?: Takes;
    readonly model?: string;
    readonly takesForms?: boolean;
  } = {}) =>
  <H extends Handler>(
    controller: object,
    name: string | symbol,
    descriptor: TypedPropertyDescriptor<H>,
  ): void => {
    const direct = { controller: controller.constructor as Type, handler: descriptor.value as Handler };
    Needs('predict', { kind: 'prediction', direct, eitherSlash, ...told })(controller, name, descriptor);
    ApiExtension(TAKES, { takes: told.takes })(controller, name, descriptor);
  };

/** Has the server call such handlers; must be asked before the routes are there. `find` gives a controller. */
export function callDirectly(server: FastifyInstance, find: (controller: Type) => object): void {
  server.addHook('onRoute', (route) => {
    const { direct } = route.config ?? {};
    if (direct !== undefined) route.handler = direct.handler.bind(find(direct.controller));
  });
}
