import { type DynamicModule, Module } from '@nestjs/common';
import { Siblings } from '../channel/siblings.js';
import { Turns } from '../channel/turns.js';
import { AppConfig } from '../config/app-config.js';
import { StartupFault } from '../errors/startup-fault.js';
import { AT_ONCE, type DiskReads, POOLED } from '../files/disk-reads.js';
import { JournalModule } from '../journal/journal.module.js';
import { LogMetrics } from '../journal/log-metrics.js';
import { PredictionLog } from '../journal/prediction-log.js';
import { AppLogger } from '../observability/app-logger.js';
import { Backlog } from '../pipeline/backlog.js';
import { BinCounters } from '../pipeline/bin-counters.js';
import { PredictionMetrics } from '../pipeline/prediction-metrics.js';
import { ArtifactFollower } from './artifact-follower.js';
import { checkInTurn } from './candidate-check.js';
import { CHANGE_PROVIDERS } from './change-providers.js';
import { hearOthers } from './every-worker.js';
import { ArtifactDisk } from './model-disk.js';
import type { ModelDefinition } from './model-definition.js';
import { ModelChanges } from './model-changes.js';
import { ModelMetrics } from './model-metrics.js';
import { ModelRegistry } from './model-registry.js';
import { PredictionService } from './prediction.service.js';
import { ProcessMetrics } from './process-metrics.js';
import { RecordingRules } from './recording-rules.js';
import { isolationOf } from './run-place.js';
import { settleFolder } from './settle-folder.js';
import { VersionFiles } from './version-files.js';
import { VersionPublisher } from './version-publisher.js';

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
        ProcessMetrics,
        BinCounters,
        ModelRegistry,
        ModelMetrics,
        PredictionService,
        {
          provide: RecordingRules,
          inject: [AppConfig],
          useFactory: (config: AppConfig) => RecordingRules.from(config),
        },
        {
          provide: ArtifactFollower,
          inject: [
            AppConfig,
            AppLogger,
            ModelRegistry,
            PredictionLog,
            LogMetrics,
            PredictionMetrics,
            ProcessMetrics,
            BinCounters,
            Backlog,
            RecordingRules,
            Siblings,
            Turns,
          ],
          useFactory: async (
            config: AppConfig,
            logger: AppLogger,
            registry: ModelRegistry,
            log: PredictionLog,
            logMetrics: LogMetrics,
            metrics: PredictionMetrics,
            processMetrics: ProcessMetrics,
            counters: BinCounters,
            backlog: Backlog,
            rules: RecordingRules,
            siblings: Siblings,
            turns: Turns,
          ) => {
            const { artifactsDir } = config;
            const shared = { log, logMetrics, metrics, processMetrics, counters, backlog };
            const services = { ...shared, definitions, rules, isolation: isolationOf(config), logger };
            const check = checkInTurn(turns, config);
            const reads = (): DiskReads => (registry.hasStarted ? POOLED : AT_ONCE);
            const diskOf = (model: string): ArtifactDisk =>
              new ArtifactDisk(artifactsDir, model, services, check, reads);
            const follower = new ArtifactFollower(artifactsDir, registry, diskOf, logger);
            const started = settleFolder(artifactsDir, logger).then(() => start(follower, artifactsDir));
            hearOthers(siblings, follower, started);
            await started;
            if (registry.usable().length === 0) {
              logger.warn('no model answers yet: put a version into ARTIFACTS_DIR, or push one', {
                folder: artifactsDir,
              });
            }
            warnOfUnknown(rules, registry, logger);
            return follower;
          },
        },
        ...CHANGE_PROVIDERS,
      ],
      exports: [
        ModelRegistry,
        BinCounters,
        PredictionService,
        ArtifactFollower,
        ModelChanges,
        RecordingRules,
        VersionFiles,
        VersionPublisher,
        Backlog,
        JournalModule,
      ],
    };
  }
}

/** Models come and go, so what is named may be on its way; or it is misspelt, and the input is recorded as it is. */
function warnOfUnknown(rules: RecordingRules, registry: ModelRegistry, logger: AppLogger): void {
  const loaded = registry.all().flatMap(({ versions }) => versions.flatMap((each) => each.loaded ?? []));
  const names = rules.unknownAmong(loaded.map(({ manifest }) => manifest));
  if (names.length > 0)
    logger.warn('PREDICTION_LOG_INPUTS names inputs that no loaded model has', { inputs: names });
}

async function start(follower: ArtifactFollower, artifactsDir: string): Promise<void> {
  await follower.start().catch((error: NodeJS.ErrnoException) => {
    if (error.syscall !== 'scandir') throw error;
    throw new StartupFault([
      {
        what: `ARTIFACTS_DIR (${artifactsDir}) cannot be read: ${error.message}`,
        mend: 'point ARTIFACTS_DIR at a folder of <model>/<version>/ as the Python package writes it; it may be empty',
      },
    ]);
  });
}
