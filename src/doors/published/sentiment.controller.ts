import { Controller, Get, Query, Req } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiQuery, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { AppConfig } from '../../config/app-config.js';
import { VERSION } from '../../config/version.js';
import { fieldSchema } from '../../docs/api-input.js';
import { readGetBody } from '../../http/get-body.js';
import type { Place } from '../../inputs/input-check.js';
import { Kind } from '../../http/route-kind.js';
import { callerOf } from '../caller.js';
import { PredictionService } from '../../models/prediction.service.js';
import { SentimentInput } from '../../models/sentiment/sentiment.dto.js';

interface Judgement {
  readonly prediction: string | undefined;
  readonly confidence: number;
}

interface Index {
  readonly name: string;
  readonly version: string;
  readonly links: Readonly<Record<string, string>>;
}

/** The text of the row is the query of the request. */
const inQuery: Place = (fault) => ({ ...fault, pointer: '/query' });

/** The route of the published API, which stands at the root; without a query it shows the way to the others. */
@ApiTags('sentiment')
@Controller()
export class SentimentController {
  constructor(
    private readonly predictions: PredictionService,
    private readonly config: AppConfig,
  ) {}

  @Get()
  @Kind('prediction')
  @ApiOperation({
    operationId: 'judge',
    summary: 'Is this text positive? (the published call); without a query: the index of this server',
  })
  @ApiQuery({
    name: 'query',
    required: false,
    schema: { ...fieldSchema(SentimentInput, 'text'), example: 'that movie was boring' },
  })
  @ApiOkResponse({
    description: 'The label, and P(positive) with three decimals',
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
  async judge(@Query('query') query: unknown, @Req() request: FastifyRequest): Promise<Judgement | Index> {
    // The article's client sends the query in the body of its GET: curl -X GET … -d query='…'
    const text = query ?? (await readGetBody(request))['query'];
    return text === undefined ? this.index() : this.predict(text, request);
  }

  private async predict(text: unknown, request: FastifyRequest): Promise<Judgement> {
    const [answer] = await this.predictions.predicted(
      { model: 'sentiment' },
      [{ text }],
      callerOf(request),
      inQuery,
    );
    const { outcome } = answer!;
    const confidence = Math.round((outcome.probabilities?.['Positive'] ?? 0) * 1000) / 1000;
    return { prediction: outcome.label, confidence };
  }

  private index(): Index {
    const docs = this.config.docsEnabled ? { docs: '/docs', redoc: '/redoc', openapi: '/openapi.json' } : {};
    return { name: 'nestor', version: VERSION, links: { models: '/models', health: '/health', ...docs } };
  }
}
