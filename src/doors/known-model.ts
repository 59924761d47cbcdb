import { NotFoundException } from '@nestjs/common';
import type { FastifyInstance } from 'fastify';
import { ModelNotFound } from '../errors/errors.js';
import { routeOf } from '../http/route-kind.js';
import type { ModelRegistry } from '../models/model-registry.js';

/** Refuses a call of a model that there is not before its body is read. An archive may bring a new one. */
export function refuseUnknownModels(server: FastifyInstance, registry: ModelRegistry): void {
  server.addHook('onRequest', (request, _reply, done) => {
    const { model } = request.params as { model?: string };
    if (model === undefined || registry.has(model) || routeOf(request).takesArchive) done();
    // A path such as /models//predict matches a route, but is none.
    else done(model === '' ? new NotFoundException() : new ModelNotFound(model));
  });
}
