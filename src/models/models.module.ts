import { type DynamicModule, Module } from '@nestjs/common';
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
import { type ArchiveLimits } from '../artifacts/archive-bytes.js';
import { checkCandidate } from './candidate-check.js';
import { ArtifactDisk } from './model-disk.js';
import type { ModelDefinition } from './model-definition.js';
import { ModelChanges } from './model-changes.js';
import { ModelMetrics } from './model-metrics.js';
import { ModelRegistry } from './model-registry.js';
import { PredictionService } from './prediction.service.js';
import { RecordingRules } from './recording-rules.js';
import { settleFolder } from './settle-folder.js';
import { VersionFiles } from './version-files.js';
import { VersionPublisher } from './version-publisher.js';

/** A version may come by a slow line: 256 MiB take most of an hour at 0.6 Mbit/s. */
const UPLOAD_LIMITS = { maxEntries: 1_000, stallMs: 30_000, timeoutMs: 3_600_000 } as const;

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
            BinCounters,
            Backlog,
            RecordingRules,
          ],
          useFactory: async (
            { artifactsDir }: AppConfig,
            logger: AppLogger,
            registry: ModelRegistry,
            log: PredictionLog,
            logMetrics: LogMetrics,
            metrics: PredictionMetrics,
            counters: BinCounters,
            backlog: Backlog,
            rules: RecordingRules,
          ) => {
            const services = { log, logMetrics, metrics, counters, backlog, definitions, rules };
            const reads = (): DiskReads => (registry.hasStarted ? POOLED : AT_ONCE);
            const diskOf = (model: string): ArtifactDisk =>
              new ArtifactDisk(artifactsDir, model, services, checkCandidate, reads);
            const follower = new ArtifactFollower(artifactsDir, registry, diskOf, logger);
            await settleFolder(artifactsDir, logger);
            await start(follower, artifactsDir);
            if (registry.usable().length === 0) {
              logger.warn('no model answers yet: put a version into ARTIFACTS_DIR, or push one', {
                folder: artifactsDir,
              });
            }
            warnOfUnknown(rules, registry, logger);
            return follower;
          },
        },
        {
          provide: VersionPublisher,
          inject: [AppConfig, ModelRegistry, ArtifactFollower],
          useFactory: (config: AppConfig, registry: ModelRegistry, follower: ArtifactFollower) => {
            const limits: ArchiveLimits = { ...UPLOAD_LIMITS, maxBytes: config.maxArtifactBytes };
            return new VersionPublisher(config.artifactsDir, limits, registry, follower, checkCandidate);
          },
        },
        {
          provide: ModelChanges,
          inject: [AppConfig, ModelRegistry, ArtifactFollower],
          useFactory: (config: AppConfig, registry: ModelRegistry, follower: ArtifactFollower) =>
            new ModelChanges(config.artifactsDir, registry, follower),
        },
        {
          provide: VersionFiles,
          inject: [AppConfig, ModelRegistry],
          useFactory: (config: AppConfig, registry: ModelRegistry) =>
            new VersionFiles(config.artifactsDir, registry),
        },
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
