import { NotFoundException } from '@nestjs/common';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { ModelNotFound } from '../../errors/errors.js';
import type { ModelRegistry } from '../../models/model-registry.js';
import { modelOf } from './published-names.js';

const MODEL = '/v2/models/:name';
const OTHER_METHODS = [
  { url: MODEL, method: ['POST', 'PUT', 'DELETE'], listener: 'public' },
  { url: `${MODEL}/train`, method: ['PUT'], listener: 'management' },
] as const;

/**
 * What DEEPaaS answers because each of its models has paths of its own, by whichever method: of a model that there is not
 * 404, of one that there is 405.
 */
export function refuseOtherMethods(server: FastifyInstance, registry: ModelRegistry): void {
  const handler = (request: FastifyRequest): never => {
    const { name } = request.params as { name: string };
    // The list of models, /v2/models/, has no name at its end.
    if (name !== '' && !registry.has(modelOf(name))) throw new ModelNotFound(name);
    throw new NotFoundException();
  };
  for (const { url, method, listener } of OTHER_METHODS)
    for (const each of [url, `${url}/`])
      server.route({
        url: each,
        method: [...method],
        config: { scope: 'predict', neverAllowed: true, listener },
        handler,
      });
}

/** Sends who doubles the slash before /v2 on to the right path, as DEEPaaS does: its own page asks so. */
export function mergeSlashes(server: FastifyInstance): void {
  for (const slashes of ['//', '///'])
    server.route({
      url: `${slashes}v2/*`,
      method: ['GET', 'POST', 'DELETE'],
      config: { scope: 'nothing', listener: 'both' },
      // Before a body is read: it will be sent again.
      onRequest: (request, reply) => {
        void reply.redirect(request.url.replace(/^\/+/, '/'), 308);
      },
      handler: () => undefined,
    });
}
