import { Controller, HttpCode, Post, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Predicts } from '../../http/direct-handlers.js';
import { PredictionService, type Target } from '../../models/prediction.service.js';
import type { Prediction } from '../../pipeline/prediction.js';
import { CollectedReply } from '../collected-reply.js';
import { callerOf } from '../caller.js';
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
  @Predicts({ takes: 'row' })
  one(@Req() request: FastifyRequest, @Res() reply: FastifyReply): void {
    this.row(request, reply);
  }

  @Post('/models/:model/versions/:version/predict')
  @HttpCode(200)
  @Predicts({ takes: 'row' })
  version(@Req() request: FastifyRequest, @Res() reply: FastifyReply): void {
    this.row(request, reply);
  }

  // A literal colon would be read as the parameter "predict"; these forms take `:` and `%3A`.
  @Post('/v1/models/:model(^[^/:]+)::predict')
  @HttpCode(200)
  @Predicts({ takes: 'rows' })
  many(@Req() request: FastifyRequest, @Res() reply: FastifyReply): void {
    this.rows(request, reply);
  }

  @Post('/v1/models/:model/versions/:version(^[^/:]+)::predict')
  @HttpCode(200)
  @Predicts({ takes: 'rows' })
  manyByVersion(@Req() request: FastifyRequest, @Res() reply: FastifyReply): void {
    this.rows(request, reply);
  }

  private rows(request: FastifyRequest, reply: FastifyReply): void {
    const rows = instancesOf(request.body);
    void reply.header('content-type', JSON_TYPE);
    const answer = new PredictionsText(reply);
    this.predictions.predict(request.params as Target, rows, callerOf(request), answer, inInstances);
  }

  private row(request: FastifyRequest, reply: FastifyReply): void {
    void reply.header('content-type', JSON_TYPE);
    const answer = new CollectedReply(reply, textOfOne);
    this.predictions.predict(request.params as Target, [request.body], callerOf(request), answer);
  }
}

const textOfOne = ([prediction]: readonly Prediction[]): string => prediction!.text();
