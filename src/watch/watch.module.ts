import { type DynamicModule, Module, type ModuleMetadata } from '@nestjs/common';
import { Siblings } from '../channel/siblings.js';
import { AppConfig } from '../config/app-config.js';
import type { RetrainOn } from '../config/settings.js';
import { ModelRegistry } from '../models/model-registry.js';
import { RecordingRules } from '../models/recording-rules.js';
import { VersionFiles } from '../models/version-files.js';
import { AppLogger } from '../observability/app-logger.js';
import { MetricsRegistry } from '../observability/metrics-registry.js';
import { BinCounters } from '../pipeline/bin-counters.js';
import { StateDatabase } from '../state/state-database.js';
import { StateModule } from '../state/state.module.js';
import { DriftCounts } from './drift-counts.js';
import { DriftGauges } from './drift-gauges.js';
import { JobQueue } from '../training/job-queue.js';
import { Trainables } from '../training/trainables.js';
import { TrainingModule } from '../training/training.module.js';
import { DriftReports } from './drift-reports.js';
import { Feedback } from './feedback.js';
import { FEEDBACK_PROVIDERS } from './feedback-providers.js';
import { QualityGauges } from './quality-gauges.js';
import { LabelledRows } from './labelled-rows.js';
import { Quality } from './quality.js';
import { Retraining } from './retraining.js';

/** Of several workers one asks for trainings. */
const NEVER: RetrainOn = { drift: false, quality: false, labels: undefined };

/** How far what is asked has moved from the training, what came true, and what follows from both. */
@Module({})
export class WatchModule {
  /** @param models the module whose models are watched */
  static of(models: DynamicModule): DynamicModule {
    const imports: NonNullable<ModuleMetadata['imports']> = [models, StateModule, TrainingModule];
    return {
      module: WatchModule,
      imports,
      providers: [
        ...FEEDBACK_PROVIDERS,
        {
          provide: DriftCounts,
          inject: [BinCounters, StateDatabase, AppLogger, AppConfig],
          useFactory: (
            counters: BinCounters,
            state: StateDatabase,
            logger: AppLogger,
            { windowSeconds }: AppConfig,
          ) => new DriftCounts(counters, state, logger, windowSeconds),
        },
        {
          provide: DriftReports,
          inject: [StateDatabase, ModelRegistry, VersionFiles, AppConfig],
          useFactory: (
            state: StateDatabase,
            registry: ModelRegistry,
            files: VersionFiles,
            { windowSeconds }: AppConfig,
          ) => new DriftReports(state, registry, files, windowSeconds),
        },
        {
          provide: DriftGauges,
          inject: [MetricsRegistry, DriftCounts, DriftReports, ModelRegistry, StateDatabase, AppLogger],
          useFactory: (
            metrics: MetricsRegistry,
            counts: DriftCounts,
            reports: DriftReports,
            registry: ModelRegistry,
            state: StateDatabase,
            logger: AppLogger,
          ) => new DriftGauges(metrics, counts, reports, registry, state, logger),
        },
        {
          provide: Quality,
          inject: [StateDatabase, RecordingRules],
          useFactory: (state: StateDatabase, rules: RecordingRules) => new Quality(state, Date.now, rules),
        },
        {
          provide: QualityGauges,
          inject: [MetricsRegistry, Quality, DriftReports, ModelRegistry, StateDatabase, AppLogger],
          useFactory: (
            metrics: MetricsRegistry,
            quality: Quality,
            reports: DriftReports,
            registry: ModelRegistry,
            state: StateDatabase,
            logger: AppLogger,
          ) => new QualityGauges(metrics, quality, reports, registry, state, logger),
        },
        {
          provide: Retraining,
          inject: [
            AppConfig,
            ModelRegistry,
            StateDatabase,
            DriftReports,
            Quality,
            JobQueue,
            Trainables,
            AppLogger,
            Siblings,
          ],
          useFactory: (
            { retrainOn, windowSeconds }: AppConfig,
            registry: ModelRegistry,
            state: StateDatabase,
            reports: DriftReports,
            quality: Quality,
            queue: JobQueue,
            trainables: Trainables,
            logger: AppLogger,
            { isFirst }: Siblings,
          ) => {
            const period = 1_000 * Math.min(60, windowSeconds);
            return new Retraining(
              isFirst ? retrainOn : NEVER,
              period,
              { registry, state, reports, quality },
              queue,
              trainables,
              logger,
            );
          },
        },
      ],
      exports: [
        DriftCounts,
        DriftReports,
        DriftGauges,
        Feedback,
        LabelledRows,
        Quality,
        QualityGauges,
        Retraining,
      ],
    };
  }
}
