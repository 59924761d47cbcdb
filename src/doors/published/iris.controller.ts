import { Controller, HttpCode, Post, Req, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiQuery, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ShownByModel } from '../../docs/example-call.js';
import { PREDICTION_PROBLEMS, RefusesBy } from '../../docs/problem-responses.js';
import { PREDICTION_ID } from '../../docs/schemas.js';
import { TAKEN_OVER } from '../../docs/tags.js';
import { Predicts } from '../../http/direct-handlers.js';
import { CollectedReply } from '../collected-reply.js';
import { callerOf } from '../caller.js';
import { PredictionService } from '../../models/prediction.service.js';
import type { Prediction } from '../../pipeline/prediction.js';
import { PositionalRow } from './positional-row.js';
import { IrisInput } from '../../models/iris/iris.dto.js';

const ROUTE = '/v2/models/iris/predict/';
/** The published service calls its model by this name; records, metrics and `GET /models` say iris. */
const PUBLISHED_ROUTE = '/v2/models/iris-deepaas/predict/';

/** The predict call of the published DEEPaaS API: four `data` values in the query, in the order of the inputs. */
@ApiTags(TAKEN_OVER.iris.name)
@Controller()
export class IrisController {
  private readonly rows = new PositionalRow(IrisInput);

  constructor(private readonly predictions: PredictionService) {}

  // Nest takes one slash off the end of a path, and this API's paths end in one.
  @Post([`${ROUTE}/`, `${PUBLISHED_ROUTE}/`])
  @HttpCode(200)
  @Predicts({ eitherSlash: true, takes: 'nothing' })
  @ApiOperation({ summary: 'Which iris is it? (the published call)' })
  @ApiQuery({
    name: 'data',
    description: 'Sepal length, sepal width, petal length and petal width in cm',
    schema: {
      type: 'array',
      minItems: 4,
      maxItems: 4,
      items: { type: 'number', minimum: 0, maximum: 100 },
    },
  })
  @ApiOkResponse({
    description: 'The class: 0 setosa, 1 versicolor, 2 virginica',
    headers: PREDICTION_ID,
    schema: {
      type: 'object',
      required: ['status', 'predictions'],
      properties: {
        status: { type: 'string', enum: ['OK'] },
        predictions: {
          type: 'object',
          required: ['labels'],
          properties: { labels: { type: 'array', items: { type: 'integer' } } },
        },
      },
    },
  })
  @RefusesBy('invalid_input', 'bad_request', ...PREDICTION_PROBLEMS)
  @ShownByModel('iris', ({ row, prediction }) => ({
    parameters: { data: Object.values(row) },
    answers: { 200: answerOf([prediction]) },
    refuses: () => new PositionalRow(IrisInput).parse([]),
  }))
  predict(@Req() request: FastifyRequest, @Res() reply: FastifyReply): void {
    const { data = [] } = request.query as { data?: string | string[] };
    const row = this.rows.parse([data].flat());
    const answer = new CollectedReply(reply, answerOf);
    this.predictions.predict({ model: 'iris' }, [row], callerOf(request), answer, this.rows.place);
  }
}

const answerOf = ([prediction]: readonly Prediction[]): object => ({
  status: 'OK',
  predictions: { labels: [prediction!.prediction] },
});
