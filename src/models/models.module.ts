import { type DynamicModule, Module } from '@nestjs/common';
import { listModels } from '../artifacts/artifact-store.js';
import { VersionFolder } from '../artifacts/version-folder.js';
import { AppConfig } from '../config/app-config.js';
import { StartupFault } from '../errors/startup-fault.js';
import { AppLogger } from '../observability/app-logger.js';
import { LogMetrics } from '../journal/log-metrics.js';
import { PredictionLog } from '../journal/prediction-log.js';
import { JournalModule } from '../journal/journal.module.js';
import type { ModelDefinition } from './model-definition.js';
import { ModelMetrics } from './model-metrics.js';
import { ModelRegistry } from './model-registry.js';
import { ModelVersion } from './model-version.js';
import { Backlog } from '../pipeline/backlog.js';
import { PredictionMetrics } from '../pipeline/prediction-metrics.js';
import { PredictionService } from './prediction.service.js';

/** Serves the models of the artifact folder, those of `definitions` by their hand-shaped DTOs. */
@Module({})
export class ModelsModule {
  static for(definitions: readonly ModelDefinition[]): DynamicModule {
    return {
      module: ModelsModule,
      imports: [JournalModule],
      providers: [
        Backlog,
        PredictionMetrics,
        ModelMetrics,
        PredictionService,
        {
          provide: ModelRegistry,
          inject: [AppConfig, AppLogger, PredictionLog, LogMetrics, PredictionMetrics, Backlog],
          useFactory: (
            config: AppConfig,
            logger: AppLogger,
            log: PredictionLog,
            logMetrics: LogMetrics,
            metrics: PredictionMetrics,
            backlog: Backlog,
          ) =>
            openRegistry(config, logger, (folder) => {
              logMetrics.register(folder.manifest.model);
              const definition = definitions.find(({ name }) => name === folder.manifest.model);
              return ModelVersion.load(folder, definition, log, metrics, backlog);
            }),
        },
      ],
      exports: [ModelRegistry, PredictionService, JournalModule],
    };
  }
}

async function openRegistry(
  { artifactsDir }: AppConfig,
  logger: AppLogger,
  load: (folder: VersionFolder) => ModelVersion,
): Promise<ModelRegistry> {
  const folders = await listModels(artifactsDir).catch((error: Error) => {
    throw noModels(`ARTIFACTS_DIR (${artifactsDir}) cannot be read: ${error.message}`);
  });
  const registry = await ModelRegistry.load(folders, async (model, version) =>
    load(await VersionFolder.read(artifactsDir, model, version)),
  );
  for (const { name, versions } of registry.all()) {
    for (const { version, loaded, reason } of versions) {
      if (loaded) logger.info('model ready', { model: name, version, sha256: loaded.digest });
      else logger.warn('model version refused', { model: name, version, reason });
    }
  }
  if (registry.usable().length === 0) {
    const reasons = registry
      .all()
      .flatMap(({ name, versions }) =>
        versions.map(({ version, reason }) => `${name}/${version}: ${reason}`),
      );
    throw noModels([`ARTIFACTS_DIR (${artifactsDir}) has no usable model`, ...reasons].join('; '));
  }
  return registry;
}

function noModels(what: string): StartupFault {
  const mend = 'point ARTIFACTS_DIR at a folder of <model>/<version>/ as the trainer writes it';
  return new StartupFault([{ what, mend }]);
}
