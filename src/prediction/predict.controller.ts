import { Body, Controller, Header, HttpCode, Param, Post, Req } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { PredictionsText } from './answers.js';
import { callerOf } from './caller.js';
import { PredictionService } from './prediction.service.js';

export const TYPED_ROUTES = {
  one: '/models/:model/predict',
  version: '/models/:model/versions/:version/predict',
  many: '/v1/models/:model:predict',
} as const;

const JSON_TYPE = 'application/json; charset=utf-8';

/**
 * The typed routes of every model; their documentation is written per model from the registry. They answer the text
 * that was written beside the record, instead of writing it again from objects.
 */
@ApiExcludeController()
@Controller()
export class PredictController {
  constructor(private readonly predictions: PredictionService) {}

  @Post(TYPED_ROUTES.one)
  @HttpCode(200)
  @Header('content-type', JSON_TYPE)
  async one(
    @Param('model') model: string,
    @Body() body: unknown,
    @Req() request: FastifyRequest,
  ): Promise<string> {
    return (await this.predictions.one(model, body, callerOf(request, TYPED_ROUTES.one))).json;
  }

  @Post(TYPED_ROUTES.version)
  @HttpCode(200)
  @Header('content-type', JSON_TYPE)
  async version(
    @Param('model') model: string,
    @Param('version') version: string,
    @Body() body: unknown,
    @Req() request: FastifyRequest,
  ): Promise<string> {
    return (await this.predictions.one(model, body, callerOf(request, TYPED_ROUTES.version), version)).json;
  }

  // A literal colon would be read as the parameter "predict"; this form takes `:` and `%3A`.
  @Post('/v1/models/:model(^[^/:]+)::predict')
  @HttpCode(200)
  @Header('content-type', JSON_TYPE)
  async many(
    @Param('model') model: string,
    @Body() body: unknown,
    @Req() request: FastifyRequest,
  ): Promise<Buffer> {
    const caller = callerOf(request, TYPED_ROUTES.many);
    return this.predictions.many(model, body, caller, (rows) => new PredictionsText(rows));
  }
}
