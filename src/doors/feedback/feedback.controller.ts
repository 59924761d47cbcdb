import { Body, Controller, Get, HttpCode, Param, Post, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { mayUse } from '../../access/identity.js';
import { Needs } from '../../access/scope.js';
import { RecordFinder } from '../../journal/record-finder.js';
import { PredictionNotFound } from '../../journal/search-errors.js';
import { Feedback, type FeedbackAnswer } from '../../watch/feedback.js';
import { callerOf } from '../caller.js';
import { DocumentedFeedback, DocumentedPrediction } from './documented-feedback.js';
import { FEEDBACK_FORM, pairsOfBody } from './feedback-body.js';

/** What turned out to be true of predictions comes back, and their records are shown. */
@ApiTags('feedback')
@Controller()
export class FeedbackController {
  constructor(
    private readonly feedback: Feedback,
    private readonly finder: RecordFinder,
  ) {}

  @Post('feedback')
  @HttpCode(200)
  @Needs('feedback', { takes: FEEDBACK_FORM, takesTable: true })
  @DocumentedFeedback()
  give(@Body() body: unknown, @Req() request: FastifyRequest): Promise<FeedbackAnswer> {
    const { principal } = callerOf(request);
    return this.feedback.give(pairsOfBody(body), { principal, models: request.identity?.models });
  }

  /** As it was written: a number that was parsed and printed again might be written otherwise. */
  @Get('predictions/:id')
  @Needs('audit')
  @DocumentedPrediction()
  async prediction(
    @Param('id') id: string,
    @Req() { identity }: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const line = await this.finder.one(id.toLowerCase());
    const isHis =
      identity?.models === undefined || mayUse(identity, (JSON.parse(line) as { model: string }).model);
    if (!isHis) throw new PredictionNotFound(id.toLowerCase());
    void reply.type('application/json; charset=utf-8').send(line);
  }
}
