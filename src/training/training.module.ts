import { join } from 'node:path';
import { Module } from '@nestjs/common';
import { KnownCallers } from '../access/known-callers.js';
import { digestOfFolder } from '../artifacts/content-digest.js';
import { Siblings } from '../channel/siblings.js';
import { AppConfig } from '../config/app-config.js';
import { AppLogger } from '../observability/app-logger.js';
import { MetricsRegistry } from '../observability/metrics-registry.js';
import { StateDatabase } from '../state/state-database.js';
import { StateModule } from '../state/state.module.js';
import { EmbeddedRunner } from './embedded-runner.js';
import { exposeJobs } from './job-metrics.js';
import { JobQueue } from './job-queue.js';
import { Trainables } from './trainables.js';

/** Trainings that were asked for, and what runners can train. */
@Module({
  imports: [StateModule],
  providers: [
    {
      provide: JobQueue,
      inject: [AppConfig, StateDatabase, AppLogger, MetricsRegistry, Siblings],
      useFactory: (
        { artifactsDir, trainingLeaseSeconds }: AppConfig,
        state: StateDatabase,
        logger: AppLogger,
        { prometheus }: MetricsRegistry,
        siblings: Siblings,
      ) => {
        exposeJobs(state, prometheus);
        const isPublished = async (model: string, version: string, digest: string): Promise<boolean> =>
          (await digestOfFolder(join(artifactsDir, model, version)).catch(() => '')) === digest;
        return new JobQueue(state, logger, isPublished, trainingLeaseSeconds * 1_000, siblings);
      },
    },
    {
      provide: EmbeddedRunner,
      inject: [AppConfig, AppLogger, KnownCallers, Siblings],
      useFactory: (
        { trainingPython, trainingData: data, auth }: AppConfig,
        logger: AppLogger,
        callers: KnownCallers,
        siblings: Siblings,
      ) => {
        // One for the server, whatever the number of its workers.
        const python = siblings.isFirst ? trainingPython : '';
        const lendKey = auth === 'required' ? () => callers.lendToRunner() : undefined;
        return new EmbeddedRunner({ python, data, lendKey }, logger);
      },
    },
    {
      provide: Trainables,
      inject: [StateDatabase, Siblings],
      useFactory: (state: StateDatabase, siblings: Siblings) => new Trainables(state, siblings),
    },
  ],
  exports: [EmbeddedRunner, JobQueue, StateModule, Trainables],
})
export class TrainingModule {}
