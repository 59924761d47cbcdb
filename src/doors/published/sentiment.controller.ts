import { Controller, Get, Req, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiQuery, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AppConfig } from '../../config/app-config.js';
import { VERSION } from '../../config/version.js';
import { Answers, ShownBy } from '../../docs/example-call.js';
import { fieldSchema } from '../../docs/field-schema.js';
import { readGetBody } from '../../http/get-body.js';
import type { Place } from '../../inputs/input-check.js';
import { BODY_PROBLEMS, PREDICTION_PROBLEMS, RefusesBy } from '../../docs/problem-responses.js';
import { PREDICTION_ID } from '../../docs/schemas.js';
import { TAKEN_OVER } from '../../docs/tags.js';
import { Predicts } from '../../http/direct-handlers.js';
import { CollectedReply } from '../collected-reply.js';
import { callerOf } from '../caller.js';
import { ModelRegistry } from '../../models/model-registry.js';
import { PredictionService } from '../../models/prediction.service.js';
import type { Prediction } from '../../pipeline/prediction.js';
import { SentimentInput } from '../../models/sentiment/sentiment.dto.js';

interface Index {
  readonly name: string;
  readonly version: string;
  readonly links: Readonly<Record<string, string>>;
}

/** The text of the row is the query of the request. */
const inQuery: Place = (fault) => ({ ...fault, pointer: '/query' });

/** The route of the published API, which stands at the root; without a query it shows the way to the others. */
@ApiTags(TAKEN_OVER.sentiment.name)
@Controller()
export class SentimentController {
  constructor(
    private readonly predictions: PredictionService,
    private readonly config: AppConfig,
  ) {}

  @Get()
  @Predicts()
  @ApiOperation({
    operationId: 'judge',
    summary: 'Is this text positive? (the published call); without a query: the index of this server',
  })
  @ApiQuery({
    name: 'query',
    required: false,
    schema: fieldSchema(SentimentInput, 'text'),
  })
  @ApiOkResponse({
    description: 'The label, and P(positive) with three decimals',
    headers: PREDICTION_ID,
    schema: {
      type: 'object',
      properties: {
        prediction: { type: 'string', enum: ['Negative', 'Positive'] },
        confidence: { type: 'number', minimum: 0, maximum: 1 },
        name: { type: 'string' },
        version: { type: 'string' },
        links: { type: 'object', additionalProperties: { type: 'string' } },
      },
    },
  })
  @RefusesBy('model_not_found', ...BODY_PROBLEMS, ...PREDICTION_PROBLEMS)
  @ShownBy(({ find }) => {
    const index = find(SentimentController).index();
    const { row, prediction } = find(ModelRegistry).championOf('sentiment')?.example ?? {};
    if (prediction === undefined) return { answers: { 200: new Answers({ index }) } };
    return {
      parameters: { query: row!['text'] },
      answers: { 200: new Answers({ prediction: answerOf([prediction]), index }) },
    };
  })
  judge(@Req() request: FastifyRequest, @Res() reply: FastifyReply): void {
    const { query } = request.query as { query?: unknown };
    if (query !== undefined) {
      this.predict(query, request, reply);
      return;
    }
    // The article's client sends the query in the body of its GET: curl -X GET … -d query='…'
    readGetBody(request)
      .then((fields) => {
        if (fields !== undefined) this.predict(fields['query'], request, reply);
        // A cache knows no body of a GET: it would answer a query by the index.
        else void reply.header('cache-control', 'no-store').send(this.index());
      })
      .catch((error: unknown) => reply.send(error));
  }

  private predict(text: unknown, request: FastifyRequest, reply: FastifyReply): void {
    const answer = new CollectedReply(reply, answerOf);
    this.predictions.predict({ model: 'sentiment' }, [{ text }], callerOf(request), answer, inQuery);
  }

  index(): Index {
    // Relative, as a proxy may have cut a prefix off the path.
    const docs = this.config.docsEnabled
      ? { docs: './docs', redoc: './redoc', openapi: './openapi.json' }
      : {};
    return { name: 'nestor', version: VERSION, links: { models: './models', health: './health', ...docs } };
  }
}

function answerOf([prediction]: readonly Prediction[]): object {
  const { label, probabilities } = prediction!.outcome;
  return { prediction: label, confidence: Math.round((probabilities?.['Positive'] ?? 0) * 1000) / 1000 };
}
