import { Body, Controller, Header, HttpCode, Param, Post, Req } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { callerOf } from '../caller.js';
import { Kind } from '../../http/route-kind.js';
import { PredictionService, type Target } from '../../models/prediction.service.js';
import { inInstances, instancesOf } from './instances.js';
import { PredictionsText } from './predictions-text.js';

const JSON_TYPE = 'application/json; charset=utf-8';

/** The typed routes of every model; their documentation is written per model from the registry. */
@ApiExcludeController()
@Controller()
export class PredictController {
  constructor(private readonly predictions: PredictionService) {}

  @Post('/models/:model/predict')
  @HttpCode(200)
  @Kind('prediction')
  @Header('content-type', JSON_TYPE)
  one(@Param('model') model: string, @Body() body: unknown, @Req() request: FastifyRequest): Promise<string> {
    return this.row({ model }, body, request);
  }

  @Post('/models/:model/versions/:version/predict')
  @HttpCode(200)
  @Kind('prediction')
  @Header('content-type', JSON_TYPE)
  version(
    @Param('model') model: string,
    @Param('version') version: string,
    @Body() body: unknown,
    @Req() request: FastifyRequest,
  ): Promise<string> {
    return this.row({ model, version }, body, request);
  }

  // A literal colon would be read as the parameter "predict"; this form takes `:` and `%3A`.
  @Post('/v1/models/:model(^[^/:]+)::predict')
  @HttpCode(200)
  @Kind('prediction')
  @Header('content-type', JSON_TYPE)
  many(
    @Param('model') model: string,
    @Body() body: unknown,
    @Req() request: FastifyRequest,
  ): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      const reply = new PredictionsText(resolve, reject);
      this.predictions.predict({ model }, instancesOf(body), callerOf(request), reply, inInstances);
    });
  }

  private async row(target: Target, body: unknown, request: FastifyRequest): Promise<string> {
    const [prediction] = await this.predictions.predicted(target, [body], callerOf(request));
    return prediction!.text();
  }
}
