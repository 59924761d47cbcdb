import { Controller, HttpCode, Post, Req, Res } from '@nestjs/common';
import { ApiBody, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ShownByModel } from '../../docs/example-call.js';
import { BODY_PROBLEMS, PREDICTION_PROBLEMS, RefusesBy } from '../../docs/problem-responses.js';
import { PREDICTION_HEADERS } from '../../docs/schemas.js';
import { TAKEN_OVER } from '../../docs/tags.js';
import { Predicts } from '../../http/direct-handlers.js';
import { CollectedReply } from '../collected-reply.js';
import { callerOf } from '../caller.js';
import { PredictionService } from '../../models/prediction.service.js';
import type { Prediction } from '../../pipeline/prediction.js';

/** The route of the published API, in its shape: the class and nothing else, the id in a header. */
@ApiTags(TAKEN_OVER.turnover.name)
@Controller('predict')
export class TurnoverController {
  constructor(private readonly predictions: PredictionService) {}

  @Post()
  @HttpCode(200)
  @Predicts({ eitherSlash: true, takes: 'row', model: 'turnover' })
  @ApiOperation({ operationId: 'predict', summary: 'Will this employee leave? (the published call)' })
  @ApiBody({ schema: { $ref: '#/components/schemas/turnover.Input' } })
  @ApiOkResponse({
    description: '1: leaves, 0: stays',
    headers: PREDICTION_HEADERS,
    schema: {
      type: 'object',
      required: ['prediction'],
      properties: { prediction: { type: 'integer', enum: [0, 1] } },
    },
  })
  @RefusesBy(...BODY_PROBLEMS, ...PREDICTION_PROBLEMS)
  @ShownByModel('turnover', ({ row, prediction }) => ({
    body: row,
    answers: { 200: answerOf([prediction]) },
  }))
  predict(@Req() request: FastifyRequest, @Res() reply: FastifyReply): void {
    const answer = new CollectedReply(reply, answerOf);
    this.predictions.predict({ model: 'turnover' }, [request.body], callerOf(request), answer);
  }
}

const answerOf = ([prediction]: readonly Prediction[]): object => ({ prediction: prediction!.prediction });
