import { Controller, Get, HttpCode, Param, Req, Res } from '@nestjs/common';
import { ApiExcludeEndpoint, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { mayUse } from '../../access/identity.js';
import { Needs } from '../../access/scope.js';
import { DeepaasModels, type ModelMeta, modelMeta } from './deepaas-models.js';
import { DocumentedMeta, DocumentedModels, DocumentedVersion } from './documented-models.js';
import { modelOf } from './published-names.js';
import { API_VERSION } from './versions.js';

/** What there is, as the DEEPaaS API tells it. Nest takes one slash off the end of a path, and this API's paths end in one. */
@ApiTags('deepaas')
@Controller()
export class DeepaasController {
  constructor(private readonly models: DeepaasModels) {}

  @Get('/v2//')
  @Needs('predict')
  @DocumentedVersion()
  version(): typeof API_VERSION {
    return API_VERSION;
  }

  @Get('/v2/models//')
  @Needs('predict')
  @DocumentedModels()
  async list(@Req() { identity }: FastifyRequest): Promise<{ models: readonly ModelMeta[] }> {
    const models = await this.models.all();
    return { models: models.filter(({ name }) => mayUse(identity, modelOf(name))).map(modelMeta) };
  }

  @Get('/v2/models/:name//')
  @Needs('predict')
  @DocumentedMeta()
  async one(@Param('name') name: string): Promise<ModelMeta> {
    return modelMeta(await this.models.find(name));
  }

  /** Nothing of what a model prints is given out. */
  @Get('/v2/debug//')
  @HttpCode(204)
  @Needs('predict', { eitherSlash: true })
  @ApiExcludeEndpoint()
  debug(): void {
    return undefined;
  }

  /** Without the slash at their end these paths are the Open Inference Protocol's, which is not spoken yet. */
  @Get(['/v2', '/v2/models', '/v2/models/:name'])
  @Needs('predict')
  @ApiExcludeEndpoint()
  withSlash(@Req() { url }: FastifyRequest, @Res() reply: FastifyReply): void {
    const [path = '', query] = url.split('?', 2);
    const last = path.slice(path.lastIndexOf('/') + 1);
    // Relative, as a proxy may have cut a prefix off the path; with ./ no name reads as another host.
    void reply.redirect(`./${last}/${query === undefined ? '' : `?${query}`}`, 308);
  }
}
