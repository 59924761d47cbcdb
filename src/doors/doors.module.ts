import { Module } from '@nestjs/common';
import { AppConfig } from '../config/app-config.js';
import { ModelChanges } from '../models/model-changes.js';
import { ModelRegistry } from '../models/model-registry.js';
import { VersionFiles } from '../models/version-files.js';
import { AppLogger } from '../observability/app-logger.js';
import { StateDatabase } from '../state/state-database.js';
import { Gatekeeper } from '../training/gatekeeper.js';
import { GateController } from './training/gate.controller.js';
import { DriftController } from './watch/drift.controller.js';
import { WatchModule } from '../watch/watch.module.js';
import { ModelsModule } from '../models/models.module.js';
import * as definitions from '../models/definitions.js';
import { AliasesController } from './admin/aliases.controller.js';
import { ModelsController } from './admin/models.controller.js';
import { VersionFilesController } from './admin/version-files.controller.js';
import { VersionsController } from './admin/versions.controller.js';
import { FeedbackController } from './feedback/feedback.controller.js';
import { LabelledController } from './feedback/labelled.controller.js';
import { DeepaasController } from './deepaas/deepaas.controller.js';
import { DeepaasModels } from './deepaas/deepaas-models.js';
import { DeepaasPredictController } from './deepaas/predict.controller.js';
import { DeepaasTrainingsController } from './deepaas/trainings.controller.js';
import { SwaggerController } from './deepaas/swagger.controller.js';
import { ServerIndex } from './index/server-index.js';
import { DiabetesController } from './published/diabetes.controller.js';
import { IrisController } from './published/iris.controller.js';
import { SentimentController } from './published/sentiment.controller.js';
import { SentimentDeepController } from './published/sentiment-deep.controller.js';
import { TurnoverController } from './published/turnover.controller.js';
import { TrainingModule } from '../training/training.module.js';
import { AskedTrainings } from './training/asked-trainings.js';
import { JobsController } from './training/jobs.controller.js';
import { RunnersController } from './training/runners.controller.js';
import { QualityController } from './watch/quality.controller.js';
import { PredictController } from './typed/predict.controller.js';

const models = ModelsModule.for(Object.values(definitions));

/** Every route by which predictions and models are asked for. */
@Module({
  imports: [models, TrainingModule, WatchModule.of(models)],
  controllers: [
    ModelsController,
    VersionsController,
    VersionFilesController,
    AliasesController,
    JobsController,
    RunnersController,
    GateController,
    FeedbackController,
    LabelledController,
    QualityController,
    DriftController,
    PredictController,
    DeepaasController,
    DeepaasTrainingsController,
    DeepaasPredictController,
    SwaggerController,
    DiabetesController,
    IrisController,
    SentimentController,
    SentimentDeepController,
    TurnoverController,
  ],
  providers: [
    AskedTrainings,
    DeepaasModels,
    ServerIndex,
    {
      provide: Gatekeeper,
      inject: [AppConfig, StateDatabase, ModelRegistry, VersionFiles, ModelChanges, AppLogger],
      useFactory: (
        { stage }: AppConfig,
        state: StateDatabase,
        registry: ModelRegistry,
        files: VersionFiles,
        changes: ModelChanges,
        logger: AppLogger,
      ) => new Gatekeeper(stage, state, registry, files, changes, logger),
    },
  ],
  exports: [ModelsModule],
})
export class DoorsModule {}
