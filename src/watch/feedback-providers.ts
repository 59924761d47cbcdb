import type { Provider } from '@nestjs/common';
import { Siblings } from '../channel/siblings.js';
import { AppConfig } from '../config/app-config.js';
import { RecordFinder } from '../journal/record-finder.js';
import { RecordingRules } from '../models/recording-rules.js';
import { VersionFiles } from '../models/version-files.js';
import { AppLogger } from '../observability/app-logger.js';
import { MetricsRegistry } from '../observability/metrics-registry.js';
import { StateDatabase } from '../state/state-database.js';
import { ErasureFollower } from './erasure-follower.js';
import { Feedback, REJECTIONS } from './feedback.js';
import { FeedbackJoiner } from './feedback-joiner.js';
import { LabelledRows } from './labelled-rows.js';
import { exposeFeedback, FeedbackCounts } from './feedback-metrics.js';

/** SQLite belongs to one server; who names another database may have several on it. */
const isShared = ({ stateDatabaseUrl }: AppConfig): boolean => stateDatabaseUrl !== '';

/** What takes feedback, for the module that has the models and the state. */
export const FEEDBACK_PROVIDERS: Provider[] = [
  {
    provide: FeedbackCounts,
    inject: [StateDatabase, MetricsRegistry],
    useFactory: (state: StateDatabase, { prometheus }: MetricsRegistry) => {
      const counts = new FeedbackCounts(REJECTIONS);
      exposeFeedback(counts, state, prometheus);
      return counts;
    },
  },
  {
    provide: LabelledRows,
    inject: [StateDatabase, VersionFiles, RecordingRules],
    useFactory: (state: StateDatabase, files: VersionFiles, rules: RecordingRules) =>
      new LabelledRows(state, files, rules),
  },
  {
    provide: Feedback,
    inject: [AppConfig, StateDatabase, RecordFinder, VersionFiles, FeedbackCounts],
    useFactory: (
      config: AppConfig,
      state: StateDatabase,
      finder: RecordFinder,
      files: VersionFiles,
      counts: FeedbackCounts,
    ) => new Feedback(state, finder, files, counts, isShared(config)),
  },
  {
    provide: FeedbackJoiner,
    inject: [AppConfig, StateDatabase, RecordFinder, VersionFiles, FeedbackCounts, AppLogger, Siblings],
    useFactory: (
      config: AppConfig,
      state: StateDatabase,
      finder: RecordFinder,
      files: VersionFiles,
      counts: FeedbackCounts,
      logger: AppLogger,
      siblings: Siblings,
    ) => {
      // Its workers have the same records.
      const isAsked = isShared(config) && siblings.isFirst;
      return new FeedbackJoiner(state, finder, files, counts, logger, isAsked);
    },
  },
  {
    provide: ErasureFollower,
    inject: [AppConfig, StateDatabase, AppLogger, Siblings],
    useFactory: (
      { predictionLogDir }: AppConfig,
      state: StateDatabase,
      logger: AppLogger,
      siblings: Siblings,
    ) => new ErasureFollower(predictionLogDir, state, logger, siblings.isFirst),
  },
];
