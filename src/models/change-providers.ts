import type { Provider } from '@nestjs/common';
import type { ArchiveLimits } from '../artifacts/archive-bytes.js';
import { Siblings } from '../channel/siblings.js';
import { Turns } from '../channel/turns.js';
import { AppConfig } from '../config/app-config.js';
import { ArtifactFollower } from './artifact-follower.js';
import { checkInTurn } from './candidate-check.js';
import { EveryWorker } from './every-worker.js';
import { ModelChanges } from './model-changes.js';
import { ModelRegistry } from './model-registry.js';
import { VersionFiles } from './version-files.js';
import { VersionPublisher } from './version-publisher.js';

/** A version may come by a slow line: 256 MiB take most of an hour at 0.6 Mbit/s. */
const UPLOAD_LIMITS = { maxEntries: 1_000, stallMs: 30_000, timeoutMs: 3_600_000 } as const;

/** What changes the models of the folder and gives their files, for the module that follows it. */
export const CHANGE_PROVIDERS: Provider[] = [
  {
    provide: EveryWorker,
    inject: [ArtifactFollower, Siblings],
    useFactory: (follower: ArtifactFollower, siblings: Siblings) => new EveryWorker(follower, siblings),
  },
  {
    provide: VersionPublisher,
    inject: [AppConfig, ModelRegistry, EveryWorker, Turns],
    useFactory: (config: AppConfig, registry: ModelRegistry, workers: EveryWorker, turns: Turns) => {
      const limits: ArchiveLimits = { ...UPLOAD_LIMITS, maxBytes: config.maxArtifactBytes };
      return new VersionPublisher(config.artifactsDir, limits, registry, workers, checkInTurn(turns, config));
    },
  },
  {
    provide: ModelChanges,
    inject: [AppConfig, ModelRegistry, EveryWorker],
    useFactory: (config: AppConfig, registry: ModelRegistry, workers: EveryWorker) =>
      new ModelChanges(config.artifactsDir, registry, workers),
  },
  {
    provide: VersionFiles,
    inject: [AppConfig, ModelRegistry],
    useFactory: (config: AppConfig, registry: ModelRegistry) =>
      new VersionFiles(config.artifactsDir, registry),
  },
];
