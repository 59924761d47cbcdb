import { Controller, HttpCode, Post, Req, Res } from '@nestjs/common';
import { ApiBody, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ShownByModel } from '../../docs/example-call.js';
import { InvalidInput } from '../../errors/errors.js';
import { BODY_PROBLEMS, PREDICTION_PROBLEMS, RefusesBy } from '../../docs/problem-responses.js';
import { PREDICTION_HEADERS } from '../../docs/schemas.js';
import { TAKEN_OVER } from '../../docs/tags.js';
import { Predicts } from '../../http/direct-handlers.js';
import { CollectedReply } from '../collected-reply.js';
import { callerOf } from '../caller.js';
import { ModelRegistry } from '../../models/model-registry.js';
import { PredictionService } from '../../models/prediction.service.js';
import type { Prediction } from '../../pipeline/prediction.js';
import { PositionalRow } from './positional-row.js';
import { DiabetesInput } from '../../models/diabetes/diabetes.dto.js';

/** The route of the published API: eight numbers in one text, answered by the probability of diabetes. */
@ApiTags(TAKEN_OVER.diabetes.name)
@Controller('katana-ml/api/v1.0/diabetes')
export class DiabetesController {
  private readonly rows = new PositionalRow(DiabetesInput);

  constructor(
    private readonly predictions: PredictionService,
    private readonly registry: ModelRegistry,
  ) {}

  @Post()
  @HttpCode(200)
  @Predicts({ eitherSlash: true, takes: 'row', model: 'diabetes' })
  @ApiOperation({ operationId: 'katanaDiabetes', summary: 'How likely is diabetes? (the published call)' })
  @ApiBody({
    schema: {
      type: 'object',
      required: ['data'],
      properties: {
        data: {
          type: 'string',
          pattern: '^[^,]+(,[^,]+){7}$',
          description: 'The eight inputs in their order, separated by commas',
        },
      },
    },
  })
  @ApiOkResponse({
    description: 'P(diabetes)',
    headers: PREDICTION_HEADERS,
    schema: {
      type: 'object',
      required: ['prediction'],
      properties: { prediction: { type: 'number', minimum: 0, maximum: 1 } },
    },
  })
  @RefusesBy(...BODY_PROBLEMS, ...PREDICTION_PROBLEMS)
  @ShownByModel('diabetes', ({ row, prediction }) => ({
    body: { data: Object.values(row).join(',') },
    answers: { 200: answerOf([prediction]) },
    refuses: () => new PositionalRow(DiabetesInput).parse(['1']),
  }))
  predict(@Req() request: FastifyRequest, @Res() reply: FastifyReply): void {
    const { check } = this.registry.champion('diabetes');
    const row = this.rows.parse(dataOf(request.body).split(','), check.hidden);
    const answer = new CollectedReply(reply, answerOf);
    this.predictions.predict({ model: 'diabetes' }, [row], callerOf(request), answer, this.rows.place);
  }
}

const answerOf = ([prediction]: readonly Prediction[]): object => ({
  prediction: prediction!.outcome.probabilities?.['diabetes'],
});

function dataOf(body: unknown): string {
  const { data } = (body ?? {}) as { data?: unknown };
  if (typeof data === 'string') return data;
  const detail = 'must be a text of eight numbers separated by commas';
  throw new InvalidInput([{ pointer: '/data', code: 'type', detail }]);
}
