import { Controller, HttpCode, Post, Req, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiQuery, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ShownByModel } from '../../docs/example-call.js';
import { PREDICTION_PROBLEMS, RefusesBy } from '../../docs/problem-responses.js';
import { PREDICTION_HEADERS } from '../../docs/schemas.js';
import { TAKEN_OVER } from '../../docs/tags.js';
import { Predicts } from '../../http/direct-handlers.js';
import { CollectedReply } from '../collected-reply.js';
import { callerOf } from '../caller.js';
import { ModelRegistry } from '../../models/model-registry.js';
import { PredictionService } from '../../models/prediction.service.js';
import type { Prediction } from '../../pipeline/prediction.js';
import { argumentsOf, declaredArguments } from '../deepaas/call-arguments.js';
import { FlatReply } from '../deepaas/flat-reply.js';
import type { Fields } from '../../http/form-body.js';
import { inputSchema } from '../../inputs/input-schema.js';
import { PositionalRow } from './positional-row.js';
import { IrisInput } from '../../models/iris/iris.dto.js';

const ROUTE = '/v2/models/iris/predict/';
/** The published service calls its model by this name; records, metrics and `GET /models` say iris. */
const PUBLISHED_ROUTE = '/v2/models/iris-deepaas/predict/';

const { properties } = inputSchema(IrisInput);

/**
 * The predict call of the published DEEPaaS API: four `data` values in the query, in the order of the inputs. Without them it
 * takes what that API takes for every model: `data` in a body, or the inputs by their names.
 */
@ApiTags(TAKEN_OVER.iris.name)
@Controller()
export class IrisController {
  private readonly rows = new PositionalRow(IrisInput);

  constructor(
    private readonly predictions: PredictionService,
    private readonly registry: ModelRegistry,
  ) {}

  // Nest takes one slash off the end of a path, and this API's paths end in one.
  @Post([`${ROUTE}/`, `${PUBLISHED_ROUTE}/`])
  @HttpCode(200)
  @Predicts({ eitherSlash: true, takesForms: true, model: 'iris' })
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
    headers: PREDICTION_HEADERS,
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
    const { data } = request.query as Fields;
    if (data !== undefined) {
      this.positional(data, request, reply);
      return;
    }
    argumentsOf(request)
      // What cannot be read holds no argument: this route has never minded a body.
      .catch((): Fields => ({}))
      .then((given) => {
        const named = declaredArguments(given, properties);
        if (given['data'] !== undefined || Object.keys(named).length === 0)
          this.positional(given['data'] ?? [], request, reply);
        else this.named(named, request, reply);
      })
      .catch((error: unknown) => reply.send(error));
  }

  private positional(data: unknown, request: FastifyRequest, reply: FastifyReply): void {
    const hidden = this.registry.championOf('iris')?.check.hidden;
    const row = this.rows.parse([data].flat().map(textOf), hidden);
    const answer = new CollectedReply(reply, answerOf);
    this.predictions.predict({ model: 'iris' }, [row], callerOf(request), answer, this.rows.place);
  }

  private named(row: Fields, request: FastifyRequest, reply: FastifyReply): void {
    const answer = new FlatReply(reply, answerOf, properties);
    try {
      this.predictions.predict({ model: 'iris' }, [row], callerOf(request), answer);
    } catch (error) {
      answer.fail(error);
    }
  }
}

/** A value as it would stand in a query; what could not is no number. */
const textOf = (value: unknown): string =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : '';

const answerOf = ([prediction]: readonly Prediction[]): object => ({
  status: 'OK',
  predictions: { labels: [prediction!.prediction] },
});
