import { Body, Controller, HttpCode, Param, Post, Req } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { callerOf } from './caller.js';
import type { Prediction } from './prediction.js';
import { PredictionService } from './prediction.service.js';

export const TYPED_ROUTES = {
  one: '/models/:model/predict',
  version: '/models/:model/versions/:version/predict',
  many: '/v1/models/:model:predict',
} as const;

/** The typed routes of every model; their documentation is written per model from the registry. */
@ApiExcludeController()
@Controller()
export class PredictController {
  constructor(private readonly predictions: PredictionService) {}

  @Post(TYPED_ROUTES.one)
  @HttpCode(200)
  one(
    @Param('model') model: string,
    @Body() body: unknown,
    @Req() request: FastifyRequest,
  ): Promise<Prediction> {
    return this.predictions.one(model, body, callerOf(request, TYPED_ROUTES.one));
  }

  @Post(TYPED_ROUTES.version)
  @HttpCode(200)
  version(
    @Param('model') model: string,
    @Param('version') version: string,
    @Body() body: unknown,
    @Req() request: FastifyRequest,
  ): Promise<Prediction> {
    return this.predictions.one(model, body, callerOf(request, TYPED_ROUTES.version), version);
  }

  // A literal colon would be read as the parameter "predict"; this form takes `:` and `%3A`.
  @Post('/v1/models/:model(^[^/:]+)::predict')
  @HttpCode(200)
  async many(
    @Param('model') model: string,
    @Body() body: unknown,
    @Req() request: FastifyRequest,
  ): Promise<{ predictions: readonly Prediction[] }> {
    return { predictions: await this.predictions.many(model, body, callerOf(request, TYPED_ROUTES.many)) };
  }
}
