import { Controller, HttpCode, Post, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Predicts } from '../../http/direct-handlers.js';
import { ModelRegistry } from '../../models/model-registry.js';
import { PredictionService, type Target } from '../../models/prediction.service.js';
import type { Prediction } from '../../pipeline/prediction.js';
import { callerOf } from '../caller.js';
import { argumentsOf, declaredArguments } from './call-arguments.js';
import { DocumentedPredict } from './documented-predict.js';
import { FlatReply } from './flat-reply.js';

const JSON_TYPE = 'application/json; charset=utf-8';

/** The predict call of the DEEPaaS API for every model: its inputs are the arguments. */
@ApiTags('deepaas')
@Controller()
export class DeepaasPredictController {
  constructor(
    private readonly predictions: PredictionService,
    private readonly registry: ModelRegistry,
  ) {}

  @Post('/v2/models/:model/predict//')
  @HttpCode(200)
  @Predicts({ eitherSlash: true, takes: 'row', takesForms: true })
  @DocumentedPredict()
  predict(@Req() request: FastifyRequest, @Res() reply: FastifyReply): void {
    const target = request.params as Target;
    const { properties } = this.registry.champion(target.model).check.schema;
    const answer = new FlatReply(reply, answerOf, properties);
    argumentsOf(request)
      .then((given) => {
        void reply.header('content-type', JSON_TYPE);
        const row = declaredArguments(given, properties);
        this.predictions.predict(target, [row], callerOf(request), answer);
      })
      .catch((error: unknown) => answer.fail(error));
  }
}

/** `{"status":"OK","predictions":…}`: what the model's typed route answers, as DEEPaaS hands on what a model returns. */
export const answerOf = ([prediction]: readonly Prediction[]): string =>
  `{"status":"OK","predictions":${prediction!.text()}}`;
