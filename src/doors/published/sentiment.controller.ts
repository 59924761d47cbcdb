import { Controller, Get, HttpCode, Post, Req, Res } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiOkResponse, ApiOperation, ApiQuery, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { assertMayUse } from '../../access/identity.js';
import { Answers, ShownBy, ShownByModel } from '../../docs/example-call.js';
import { fieldSchema } from '../../docs/field-schema.js';
import { unknownMediaType } from '../../http/content-headers.js';
import { fieldsOf } from '../../http/form-body.js';
import { readGetBody, SEND_QUERY } from '../../http/get-body.js';
import type { Place } from '../../inputs/input-check.js';
import { BODY_PROBLEMS, PREDICTION_PROBLEMS, RefusesBy } from '../../docs/problem-responses.js';
import { PREDICTION_HEADERS } from '../../docs/schemas.js';
import { TAKEN_OVER } from '../../docs/tags.js';
import { Predicts } from '../../http/direct-handlers.js';
import { CollectedReply } from '../collected-reply.js';
import { callerOf } from '../caller.js';
import { ARGUMENT_TYPES, UNKNOWN_TYPE } from '../deepaas/documented-trainings.js';
import { ServerIndex } from '../index/server-index.js';
import { InvalidInput, ModelNotFound, ModelNotReady } from '../../errors/errors.js';
import { ModelRegistry } from '../../models/model-registry.js';
import { PredictionService } from '../../models/prediction.service.js';
import type { Prediction } from '../../pipeline/prediction.js';
import { SentimentInput } from '../../models/sentiment/sentiment.dto.js';

/** The text of the row is the query of the request. */
const inQuery: Place = (fault) => ({ ...fault, pointer: '/query' });

const JUDGEMENT = {
  prediction: { type: 'string', enum: ['Negative', 'Positive'] },
  confidence: { type: 'number', minimum: 0, maximum: 1 },
};

/** The route of the published API, which stands at the root; without a query it shows the way to the others. */
@ApiTags(TAKEN_OVER.sentiment.name)
@Controller()
export class SentimentController {
  constructor(
    private readonly predictions: PredictionService,
    private readonly index: ServerIndex,
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
    description: 'The label, and P(positive) with three decimals; or the index, for a browser as a page',
    headers: PREDICTION_HEADERS,
    content: {
      'application/json': {
        schema: {
          type: 'object',
          properties: {
            ...JUDGEMENT,
            name: { type: 'string' },
            version: { type: 'string' },
            versions: { type: 'array', items: { type: 'object' } },
            links: { type: 'array', items: { type: 'object' } },
            paths: { type: 'object', additionalProperties: { type: 'string' } },
          },
        },
      },
      'text/html': { schema: { type: 'string' } },
    },
  })
  @RefusesBy('model_not_found', ...BODY_PROBLEMS, ...PREDICTION_PROBLEMS)
  @ShownBy(({ find }) => {
    const index = find(ServerIndex).document();
    const { row, prediction } = find(ModelRegistry).championOf('sentiment')?.example ?? {};
    const refusals = [
      new ModelNotReady('sentiment'),
      new ModelNotFound('sentiment'),
      unknownMediaType({ 'content-type': 'text/plain' }, SEND_QUERY),
    ];
    if (prediction === undefined) return { answers: { 200: new Answers({ index }) }, refusals };
    return {
      parameters: { query: row!['text'] },
      answers: { 200: new Answers({ prediction: answerOf([prediction]), index }) },
      refusals,
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
        else this.index.answer(request, reply);
      })
      .catch((error: unknown) => reply.send(error));
  }

  /** An address is kept by proxies and browsers, so texts of people do not belong into one. */
  @Post()
  @HttpCode(200)
  @Predicts({ takes: 'row', model: 'sentiment', takesForms: true })
  @ApiOperation({
    operationId: 'judgeBody',
    summary: 'Is this text positive? (the published call, with its text in the body and not in the address)',
  })
  @ApiConsumes(...ARGUMENT_TYPES)
  @ApiBody({
    schema: {
      type: 'object',
      required: ['query'],
      properties: { query: fieldSchema(SentimentInput, 'text') },
    },
  })
  @ApiOkResponse({
    description: 'The label, and P(positive) with three decimals',
    headers: PREDICTION_HEADERS,
    schema: { type: 'object', required: ['prediction', 'confidence'], properties: JUDGEMENT },
  })
  @RefusesBy('model_not_found', 'bad_request', ...BODY_PROBLEMS, ...PREDICTION_PROBLEMS)
  @ShownByModel('sentiment', ({ row, prediction }) => ({
    body: { query: row['text'] },
    answers: { 200: answerOf([prediction]) },
    refuses: () => {
      throw new InvalidInput([{ pointer: '/query', code: 'required', detail: 'is missing' }]);
    },
    refusals: [new ModelNotFound('sentiment'), UNKNOWN_TYPE],
  }))
  judgeBody(@Req() request: FastifyRequest, @Res() reply: FastifyReply): void {
    fieldsOf(request)
      .then(({ query }) => this.predict(query, request, reply))
      .catch((error: unknown) => reply.send(error));
  }

  private predict(text: unknown, request: FastifyRequest, reply: FastifyReply): void {
    // Not by the route, which shows the index as well.
    assertMayUse(request.identity, 'sentiment');
    const answer = new CollectedReply(reply, answerOf);
    this.predictions.predict({ model: 'sentiment' }, [{ text }], callerOf(request), answer, inQuery);
  }
}

function answerOf([prediction]: readonly Prediction[]): object {
  const { label, probabilities } = prediction!.outcome;
  return {
    prediction: label,
    confidence: Math.round(Number(probabilities?.['Positive'] ?? 0) * 1000) / 1000,
  };
}
