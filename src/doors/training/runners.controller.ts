import { Body, Controller, HttpCode, Param, Post, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type Identity, mayUse } from '../../access/identity.js';
import { Needs } from '../../access/scope.js';
import { Forbidden } from '../../errors/errors.js';
import { Gatekeeper } from '../../training/gatekeeper.js';
import { JobQueue } from '../../training/job-queue.js';
import { Trainables } from '../../training/trainables.js';
import { callerOf } from '../caller.js';
import { DocumentedBeat, DocumentedClaim, DocumentedResult } from './documented-runners.js';
import { BEAT_FORM, beatOf, type Claim, CLAIM_FORM, claimOf, RESULT_FORM, resultOf } from './job-bodies.js';
import { type JobView, jobView } from './job-view.js';
import { assertOwnJob } from './own-job.js';

interface Claimed {
  readonly job: JobView;
  readonly lease: { readonly token: string; readonly expires: string };
}

/** Runners fetch the trainings that were asked for, and report on them. */
@ApiTags('training')
@Controller()
export class RunnersController {
  constructor(
    private readonly queue: JobQueue,
    private readonly trainables: Trainables,
    private readonly gatekeeper: Gatekeeper,
  ) {}

  @Post('runners/claim')
  @HttpCode(200)
  @Needs('runner', { takes: CLAIM_FORM, waits: true })
  @DocumentedClaim()
  async claim(
    @Body() body: unknown,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Claimed | undefined> {
    const { runner, models } = ownClaim(claimOf(body), request.identity);
    await this.trainables.declare(runner, models);
    const caller = callerOf(request);
    const claimed = await this.queue.claim(runner, Object.keys(models), () => caller.gone());
    if (claimed === undefined) {
      void reply.status(204);
      return undefined;
    }
    const { token, expires } = claimed.lease;
    return { job: jobView(claimed.job), lease: { token, expires: new Date(expires).toISOString() } };
  }

  @Post('jobs/:id/heartbeat')
  @HttpCode(200)
  @Needs('runner', { takes: BEAT_FORM })
  @DocumentedBeat()
  async beat(
    @Param('id') id: string,
    @Body() body: unknown,
    @Req() { identity }: FastifyRequest,
  ): Promise<{ cancel: boolean }> {
    const { token, beat } = beatOf(body);
    await assertOwnJob(this.queue, identity, id);
    return await this.queue.beat(id, token, beat);
  }

  @Post('jobs/:id/result')
  @HttpCode(200)
  @Needs('runner', { takes: RESULT_FORM })
  @DocumentedResult()
  async result(
    @Param('id') id: string,
    @Body() body: unknown,
    @Req() { identity }: FastifyRequest,
  ): Promise<JobView> {
    const { token, result, gate } = resultOf(body);
    await assertOwnJob(this.queue, identity, id);
    return jobView(await this.queue.end(id, token, result, (job) => this.gatekeeper.judge(job, gate)));
  }
}

/** A runner can do more than its key is for: that is not declared, and no job of it is given to it. @throws Forbidden where nothing is left */
function ownClaim({ runner, models }: Claim, identity: Identity | null): Claim {
  const own = Object.entries(models).filter(([model]) => mayUse(identity, model));
  if (own.length > 0) return { runner, models: Object.fromEntries(own) };
  throw new Forbidden(
    'this key is for none of the models that this runner trains; ask the operator for one that is',
  );
}
