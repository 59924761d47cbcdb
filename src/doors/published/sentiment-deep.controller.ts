import { Controller, Get, Header, HttpCode, Post, Req, Res } from '@nestjs/common';
import { ApiBody, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Needs } from '../../access/scope.js';
import { ShownBy, ShownByModel } from '../../docs/example-call.js';
import { fieldSchema } from '../../docs/field-schema.js';
import type { SchemaObject } from '../../docs/openapi-types.js';
import { BadRequest, InvalidInput } from '../../errors/errors.js';
import type { Place } from '../../inputs/input-check.js';
import { MAX_ROWS, type Prediction } from '../../pipeline/prediction.js';
import { BODY_PROBLEMS, PREDICTION_PROBLEMS, RefusesBy } from '../../docs/problem-responses.js';
import { PREDICTION_HEADERS } from '../../docs/schemas.js';
import { TAKEN_OVER } from '../../docs/tags.js';
import { Predicts } from '../../http/direct-handlers.js';
import { parseJson } from '../../http/json-body.js';
import { isWrittenNumber } from '../../http/written-numbers.js';
import { columnsForm } from '../../inputs/body-form.js';
import { CollectedReply } from '../collected-reply.js';
import { callerOf } from '../caller.js';
import { PredictionService } from '../../models/prediction.service.js';
import { rowCountFault } from '../row-count.js';
import { SentimentDeepInput } from '../../models/sentiment-deep/sentiment-deep.dto.js';

/** The types of Nest know OpenAPI 3.0, where a schema has one type. */
const REF: SchemaObject = { type: ['number', 'string'] as never };
const COLUMNS = { ...columnsForm(['ref', 'text'], MAX_ROWS), keepsNumbers: true };
const WORKING = 'API working';
const COLUMN = { type: 'array', minItems: 1, maxItems: MAX_ROWS } as const;

/** The routes of the published API: a table of two columns in, a score per row out. */
@ApiTags(TAKEN_OVER['sentiment-deep'].name)
@Controller()
export class SentimentDeepController {
  constructor(private readonly predictions: PredictionService) {}

  @Get('apitest')
  @Needs('predict', { eitherSlash: true })
  @Header('content-type', 'text/plain; charset=utf-8')
  @ApiOperation({ operationId: 'apiTest', summary: 'Is the API there? (the published call)' })
  @ApiOkResponse({
    description: 'Always the same text',
    content: { 'text/plain': { schema: { type: 'string' } } },
  })
  @ShownBy(() => ({ answers: { 200: WORKING } }))
  test(): string {
    return WORKING;
  }

  @Post('sentiment')
  @HttpCode(200)
  @Predicts({ eitherSlash: true, takes: COLUMNS, model: 'sentiment-deep' })
  @ApiOperation({ operationId: 'scoreTexts', summary: 'How positive are these texts? (the published call)' })
  @ApiBody({
    schema: {
      type: 'object',
      required: ['ref', 'text'],
      properties: {
        ref: { ...COLUMN, items: REF, description: "The caller's names of the rows" },
        text: { ...COLUMN, items: fieldSchema(SentimentDeepInput, 'text') },
      },
    },
  })
  @ApiOkResponse({
    description: 'P(positive) per row, in order',
    headers: PREDICTION_HEADERS,
    schema: {
      type: 'array',
      items: {
        type: 'object',
        required: ['ref', 'Sentiment_Score'],
        properties: {
          ref: REF,
          Sentiment_Score: { type: 'number', minimum: 0, maximum: 1 },
        },
      },
    },
  })
  @RefusesBy(...BODY_PROBLEMS, ...PREDICTION_PROBLEMS)
  @ShownByModel('sentiment-deep', ({ row, prediction }) => ({
    body: { ref: [1], text: [row['text']] },
    answers: { 200: scoresOf([1], [prediction]) },
    refuses: () => columnsOf({}),
  }))
  score(@Req() request: FastifyRequest, @Res() reply: FastifyReply): void {
    const { ref, text } = columnsOf(request.body);
    const rows = text.map((each) => ({ text: isWrittenNumber(each) ? Number(each.rawJSON) : each }));
    const answer = new CollectedReply(reply, (predictions) => scoresOf(ref, predictions));
    this.predictions.predict({ model: 'sentiment-deep' }, rows, callerOf(request), answer, inColumn);
  }
}

function scoresOf(ref: readonly unknown[], predictions: readonly Prediction[]): object[] {
  return predictions.map(({ outcome }, row) => ({
    ref: ref[row],
    Sentiment_Score: outcome.probabilities?.['Positive'],
  }));
}

/** The two columns; the article's client encodes its document twice, so it may come as a JSON text. */
function columnsOf(body: unknown): { ref: readonly unknown[]; text: readonly unknown[] } {
  const { ref, text } = (decoded(body) ?? {}) as { ref?: unknown; text?: unknown };
  if (!Array.isArray(ref)) throw invalid('/ref', 'type', 'must be a list with a name for each row');
  if (!Array.isArray(text)) throw invalid('/text', 'type', 'must be a list with a text for each row');
  if (ref.length !== text.length) {
    throw invalid(
      '/text',
      'wrong_count',
      `holds ${text.length} values, but ref holds ${ref.length}; send as many of both`,
    );
  }
  const count = rowCountFault(text.length);
  if (count !== undefined) throw new InvalidInput([{ ...count, pointer: '/text' }]);
  const odd = ref.findIndex((each) => !['string', 'number'].includes(typeof each) && !isWrittenNumber(each));
  if (odd !== -1) throw invalid(`/ref/${odd}`, 'type', 'must be a number or a text');
  return { ref, text };
}

function decoded(body: unknown): unknown {
  if (typeof body !== 'string') return body;
  try {
    return parseJson(Buffer.from(body), COLUMNS, 'the text');
  } catch (error) {
    if (!(error instanceof BadRequest) || error.code !== 'body_not_json') throw error;
    throw invalid('', 'type', 'is a text that is not JSON itself; send {"ref": [...], "text": [...]}');
  }
}

/** The text of row 3 is `/text/3` in the document that the caller sent. */
const inColumn: Place = (fault, row) => ({ ...fault, pointer: `/text/${row}` });

function invalid(pointer: string, code: string, detail: string): InvalidInput {
  return new InvalidInput([{ pointer, code, detail }]);
}
