import { NotFoundException } from '@nestjs/common';
import type { FastifyInstance } from 'fastify';
import { ModelNotFound } from '../errors/errors.js';
import { routeOf } from '../http/route-kind.js';
import type { ModelRegistry } from '../models/model-registry.js';

/** Refuses a call of a model that there is not before its body is read. An archive may bring a new one. */
export function refuseUnknownModels(server: FastifyInstance, registry: ModelRegistry): void {
  server.addHook('onRequest', (request, _reply, done) => {
    const { model, version } = request.params as { model?: string; version?: string };
    // A path such as /models//predict matches a route, but is none.
    if (model === '' || version === '') done(new NotFoundException());
    else if (model === undefined || registry.has(model) || routeOf(request).takesArchive) done();
    else done(new ModelNotFound(model));
  });
}
