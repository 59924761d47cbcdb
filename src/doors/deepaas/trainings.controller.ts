import { Controller, Delete, Get, HttpCode, Param, Post, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Needs } from '../../access/scope.js';
import type { StoredJob } from '../../state/stored-job.js';
import { JobNotFound } from '../../training/job-errors.js';
import { JobQueue } from '../../training/job-queue.js';
import { Trainables } from '../../training/trainables.js';
import { callerOf } from '../caller.js';
import { AskedTrainings } from '../training/asked-trainings.js';
import { TRAIN_FORM } from '../training/job-bodies.js';
import { argumentsOf, declaredArguments, type Properties } from './call-arguments.js';
import { DeepaasModels } from './deepaas-models.js';
import {
  DocumentedCancel,
  DocumentedTrain,
  DocumentedTraining,
  DocumentedTrainings,
} from './documented-trainings.js';
import { refuse } from './flat-faults.js';
import { modelOf } from './published-names.js';
import { jobIdOf, trainingView, type TrainingView } from './training-view.js';

/** Trainings as the DEEPaaS API asks for them; each is a job, and the same job under /jobs. */
@ApiTags('deepaas')
@Controller()
export class DeepaasTrainingsController {
  constructor(
    private readonly asked: AskedTrainings,
    private readonly queue: JobQueue,
    private readonly trainables: Trainables,
    private readonly models: DeepaasModels,
  ) {}

  @Post('/v2/models/:name/train//')
  @HttpCode(200)
  @Needs('train', { takes: TRAIN_FORM, takesForms: true, eitherSlash: true })
  @DocumentedTrain()
  async train(
    @Param('name') name: string,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const model = modelOf(name);
    let properties: Properties = {};
    try {
      const given = await argumentsOf(request);
      const declared = await this.trainables.declared(model);
      properties = declared?.properties ?? {};
      const named = declared === undefined ? given : declaredArguments(given, properties);
      const { job } = await this.asked.ask(model, named, callerOf(request));
      const training = trainingView(job);
      // Relative, as a proxy may have cut a prefix off the path.
      const folder = request.url.split('?', 1)[0]!.endsWith('/') ? './' : './train/';
      void reply.header('location', folder + training.uuid).send(training);
    } catch (error) {
      refuse(reply, error, properties);
    }
  }

  @Get('/v2/models/:name/train//')
  @Needs('train', { eitherSlash: true })
  @DocumentedTrainings()
  async list(@Param('name') name: string): Promise<readonly TrainingView[]> {
    await this.models.find(name);
    const jobs = await this.queue.list(modelOf(name), undefined);
    return jobs.toReversed().map(trainingView);
  }

  @Get('/v2/models/:name/train/:uuid')
  @Needs('train')
  @DocumentedTraining()
  async one(@Param('name') name: string, @Param('uuid') uuid: string): Promise<TrainingView> {
    return trainingView(await this.jobOf(name, uuid));
  }

  @Delete('/v2/models/:name/train/:uuid')
  @Needs('train')
  @DocumentedCancel()
  async cancel(@Param('name') name: string, @Param('uuid') uuid: string): Promise<TrainingView> {
    const { id } = await this.jobOf(name, uuid);
    return trainingView(await this.queue.cancel(id));
  }

  /** @throws JobNotFound, also for a job of another model */
  private async jobOf(name: string, uuid: string): Promise<StoredJob> {
    const job = await this.queue.find(jobIdOf(uuid));
    if (job.model !== modelOf(name)) throw new JobNotFound(job.id);
    return job;
  }
}
