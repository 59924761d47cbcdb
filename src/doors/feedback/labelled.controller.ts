import { Readable } from 'node:stream';
import { Controller, Get, Headers, Param, Query, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Needs } from '../../access/scope.js';
import { BadRequest } from '../../errors/errors.js';
import { NDJSON } from '../../http/table-body.js';
import { epochSeconds } from '../../inputs/date-time.js';
import { JobQueue } from '../../training/job-queue.js';
import { LabelledRows } from '../../watch/labelled-rows.js';
import { DocumentedLabelled } from './documented-feedback.js';

/** What retraining adds to the original data. */
@ApiTags('feedback')
@Controller()
export class LabelledController {
  constructor(
    private readonly labels: LabelledRows,
    private readonly queue: JobQueue,
  ) {}

  @Get('models/:model/labelled')
  @Needs('train', { alsoFor: 'lease' })
  @DocumentedLabelled()
  async labelled(
    @Param('model') model: string,
    @Query('since') since: string | string[] | undefined,
    @Headers('x-job-lease') lease: string | undefined,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const from = timeOf(since);
    if (lease !== undefined) await this.queue.ofLease(lease, model);
    const rows = await this.labels.of(model, from);
    void reply.type(`${NDJSON}; charset=utf-8`).send(Readable.from(rows, { highWaterMark: 1 }));
  }
}

/** Milliseconds since 1970. @throws BadRequest */
function timeOf(since: string | string[] | undefined): number {
  if (since === undefined) return 0;
  const time = typeof since === 'string' ? 1_000 * epochSeconds(since) : Number.NaN;
  if (Number.isNaN(time))
    throw new BadRequest('bad_request', 'since must be a time, once, such as 2026-11-27T08:00:00Z');
  return Math.round(time);
}
