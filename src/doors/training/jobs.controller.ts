import { Readable } from 'node:stream';
import { Body, Controller, Delete, Get, Headers, Param, Post, Query, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Needs } from '../../access/scope.js';
import { BadRequest } from '../../errors/errors.js';
import { type JobState, JOB_STATES, type StoredJob } from '../../state/stored-job.js';
import { JobQueue } from '../../training/job-queue.js';
import { callerOf } from '../caller.js';
import { queryValue } from '../query-value.js';
import {
  DocumentedCancel,
  DocumentedEvents,
  DocumentedJob,
  DocumentedJobs,
  DocumentedTrain,
} from './documented-jobs.js';
import { AskedTrainings } from './asked-trainings.js';
import { argumentsOf, TRAIN_FORM } from './job-bodies.js';
import { type JobView, jobView, listedJob } from './job-view.js';
import { assertOwnJob } from './own-job.js';

const KEY = /^[\x21-\x7e]{1,200}$/;

/** Trainings are asked for, looked at and cancelled. */
@ApiTags('training')
@Controller()
export class JobsController {
  constructor(
    private readonly queue: JobQueue,
    private readonly asked: AskedTrainings,
  ) {}

  @Post('models/:model/train')
  @Needs('train', { takes: TRAIN_FORM })
  @DocumentedTrain()
  async train(
    @Param('model') model: string,
    @Headers('idempotency-key') key: string | undefined,
    @Body() body: unknown,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<JobView> {
    if (key !== undefined && !KEY.test(key))
      throw new BadRequest('bad_request', 'Idempotency-Key must be 1 to 200 visible ASCII characters');
    const { job, isNew } = await this.asked.ask(model, argumentsOf(body), callerOf(request), key);
    // Relative, as a proxy may have cut a prefix off the path.
    void reply.status(isNew ? 202 : 200).header('location', `../../jobs/${job.id}`);
    return jobView(job);
  }

  @Get('jobs')
  @Needs('train')
  @DocumentedJobs()
  async list(
    @Query('model') model: string | string[] | undefined,
    @Query('state') state: string | string[] | undefined,
    @Req() { identity }: FastifyRequest,
  ): Promise<{ jobs: readonly JobView[] }> {
    const [ofModel, ofState] = [queryValue('model', model), stateOf(queryValue('state', state))];
    const jobs = await this.queue.list(ofModel, ofState, identity?.models);
    return { jobs: jobs.map(listedJob) };
  }

  @Get('jobs/:id')
  @Needs('train', { alsoFor: 'runner' })
  @DocumentedJob()
  async one(@Param('id') id: string, @Req() { identity }: FastifyRequest): Promise<JobView> {
    await assertOwnJob(this.queue, identity, id);
    return jobView(await this.queue.find(id));
  }

  @Get('jobs/:id/events')
  @Needs('train', { waits: true })
  @DocumentedEvents()
  async events(
    @Param('id') id: string,
    @Req() { identity }: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    await assertOwnJob(this.queue, identity, id);
    const changes = await this.queue.follow(id);
    void reply
      .header('content-type', 'text/event-stream; charset=utf-8')
      .header('cache-control', 'no-store')
      // nginx would hold the events back until they fill a buffer.
      .header('x-accel-buffering', 'no')
      .send(Readable.from(eventsOf(changes)));
  }

  @Delete('jobs/:id')
  @Needs('train')
  @DocumentedCancel()
  async cancel(@Param('id') id: string, @Req() { identity }: FastifyRequest): Promise<JobView> {
    await assertOwnJob(this.queue, identity, id);
    return jobView(await this.queue.cancel(id));
  }
}

async function* eventsOf(changes: AsyncIterable<StoredJob>): AsyncGenerator<string> {
  for await (const job of changes) yield `data: ${JSON.stringify(jobView(job))}\n\n`;
}

function stateOf(given: string | undefined): JobState | undefined {
  const state = JOB_STATES.find((each) => each === given);
  if (state === undefined && given !== undefined)
    throw new BadRequest('bad_request', `state must be one of ${JOB_STATES.join(', ')}`);
  return state;
}
