import { NotFoundException } from '@nestjs/common';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { assertMayUse } from '../access/identity.js';
import { ModelNotFound, VersionNotFound } from '../errors/errors.js';
import { routeOf } from '../http/route-kind.js';
import { ANY_ROW, type BodyForm } from '../inputs/body-form.js';
import type { ModelRegistry } from '../models/model-registry.js';
import type { ModelVersion } from '../models/model-version.js';
import { modelOf } from './deepaas/published-names.js';

interface Named {
  readonly model?: string;
  readonly version?: string;
  /** A model as the DEEPaaS API calls it; beside `model` it is something else. */
  readonly name?: string;
}

/**
 * Finds what a call is about before its body is read: refuses models that the caller's key is not for, models and versions
 * that there are not, or that do not answer, and says what the body may be and what waits for the model. An archive may bring a new model.
 */
export function boundByModel(server: FastifyInstance, registry: ModelRegistry): void {
  server.addHook('onRequest', (request, _reply, done) => {
    const { model, version, name } = request.params as Named;
    // A path such as /models//predict matches a route, but is none.
    if (model === '' || version === '') return done(new NotFoundException());
    try {
      // The list of models, /v2/models/, has an empty name at its end where another method is asked for.
      const asked = routeOf(request).model ?? model ?? (name && modelOf(name));
      if (asked !== undefined && asked !== '') assertMayUse(request.identity, asked);
      request.bodyForm = formOf(request, registry, model, version);
      done();
    } catch (error) {
      done(error as Error);
    }
  });
}

function formOf(
  request: FastifyRequest,
  registry: ModelRegistry,
  named: string | undefined,
  version: string | undefined,
): BodyForm | null {
  const { kind, takes, takesArchive, model = named } = routeOf(request);
  if (typeof takes === 'object') {
    // What is wrong with the model is told when the body has been read.
    if (kind === 'prediction' && model !== undefined)
      request.queue = registry.championOf(model)?.batcher ?? null;
    return takes;
  }
  if (model === undefined || takesArchive) return null;
  if (takes === 'row' || takes === 'rows') {
    const found = version === undefined ? registry.champion(model) : loadedVersion(registry, model, version);
    if (found === undefined) return ANY_ROW;
    request.queue = found.batcher;
    return found.forms[takes];
  }
  if (!registry.has(model)) throw new ModelNotFound(model);
  return null;
}

/** Undefined: it will be opened when its body has been read. */
function loadedVersion(registry: ModelRegistry, model: string, version: string): ModelVersion | undefined {
  const { phase, loaded } = registry.versionState(model, version);
  if (phase === 'refused') throw new VersionNotFound(model, version);
  return loaded;
}
