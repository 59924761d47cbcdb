import type { OnApplicationBootstrap, OnApplicationShutdown } from '@nestjs/common';
import { MOST_NEW_LABELS, type RetrainOn } from '../config/settings.js';
import { InvalidInput } from '../errors/errors.js';
import type { ModelRegistry } from '../models/model-registry.js';
import type { ModelVersion } from '../models/model-version.js';
import type { AppLogger } from '../observability/app-logger.js';
import type { StateDatabase } from '../state/state-database.js';
import { StateUnavailable } from '../state/state-unavailable.js';
import { hasEnded } from '../training/job.js';
import type { JobQueue } from '../training/job-queue.js';
import type { Trainables } from '../training/trainables.js';
import { BaselineNotFound } from './baseline-not-found.js';
import type { DriftReports } from './drift-reports.js';
import type { DriftStatus } from './drift-status.js';
import { holdoutFigure, type Quality } from './quality.js';
import { PeriodicWork } from './periodic-work.js';
import { retrainReason } from './retrain-rule.js';

/** A day has to pass between two trainings of a model that nobody has asked for. */
const COOLDOWN_MS = 24 * 3_600_000;
const REQUEST = 'request';

/** What is known of the models that trainings may be asked for. */
interface Knowledge {
  readonly registry: Pick<ModelRegistry, 'usable'>;
  readonly state: StateDatabase;
  readonly reports: Pick<DriftReports, 'report'>;
  readonly quality: Pick<Quality, 'measured'>;
}

/**
 * Asks for trainings where `RETRAIN_ON` says so: of a model with new labels that has drifted, is less right than its hold-out
 * was, or has as many labels as were asked for. Each is a job with the default arguments of its training. Several servers
 * on one state database ask for the same job.
 */
export class Retraining implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly looks: PeriodicWork;
  /** What the log was told of a model that cannot be trained. */
  private readonly told = new Map<string, string>();

  constructor(
    private readonly on: RetrainOn,
    periodMs: number,
    private readonly known: Knowledge,
    private readonly queue: Pick<JobQueue, 'list' | 'submit'>,
    private readonly trainables: Pick<Trainables, 'check'>,
    private readonly logger: Pick<AppLogger, 'info' | 'warn' | 'error'>,
    private readonly now: () => number = Date.now,
  ) {
    this.looks = new PeriodicWork(() => this.considerAll(), periodMs);
  }

  onApplicationBootstrap(): void {
    const { drift, quality, labels } = this.on;
    if (!drift && !quality && labels === undefined) return;
    this.looks.begin();
  }

  onApplicationShutdown(): Promise<void> {
    return this.looks.end();
  }

  /** Considers every champion; one look at a time. What the state database does not answer now waits for the next. */
  look(): Promise<void> {
    return this.looks.once();
  }

  private async considerAll(): Promise<void> {
    for (const champion of this.known.registry.usable()) {
      const { model } = champion.manifest;
      try {
        await this.consider(champion);
      } catch (error) {
        if (error instanceof StateUnavailable) return;
        this.logger.error('no training can be asked for', { model, reason: String(error) });
      }
    }
  }

  private async consider({ manifest }: ModelVersion): Promise<void> {
    const { model, version, created } = manifest;
    const trained = Date.parse(created);
    // Most models have no label at all, and nothing more is asked of them.
    const sinceTrained = await this.labelsSince(model, trained);
    if (sinceTrained === 0) return;
    const jobs = await this.queue.list(model, undefined);
    if (jobs.some((job) => !hasEnded(job))) return;
    const last = jobs.find(({ trigger }) => trigger !== REQUEST)?.created ?? 0;
    if (this.now() - last < COOLDOWN_MS) return;
    const since = Math.max(trained, last);
    const newLabels = since === trained ? sinceTrained : await this.labelsSince(model, since);
    const asked = retrainReason(
      {
        drift: this.on.drift ? await this.drift(model) : 'ok',
        quality: this.on.quality ? (await this.known.quality.measured(manifest))?.metric : undefined,
        holdout: holdoutFigure(manifest)?.value,
        newLabels,
      },
      this.on,
    );
    if (asked === undefined || !(await this.isTrainable(model))) return;
    const { trigger, reason } = asked;
    // Of several servers that see the same at once, the second finds the job of the first.
    const key = `${trigger}-${version}-${since}`;
    const { isNew, job } = await this.queue.submit({ model, arguments: {}, principal: '', trigger, key });
    if (isNew) this.logger.info('a training is asked for', { model, job: job.id, trigger, reason });
  }

  private labelsSince(model: string, since: number): Promise<number> {
    return this.known.state.run('countLabels', { model, since, most: MOST_NEW_LABELS });
  }

  private async drift(model: string): Promise<DriftStatus> {
    try {
      return (await this.known.reports.report(model)).status;
    } catch (error) {
      if (error instanceof BaselineNotFound) return 'insufficient_data';
      throw error;
    }
  }

  /** Whether a runner trains it without being told anything; if not, the log is told why, once. */
  private async isTrainable(model: string): Promise<boolean> {
    const reason = await this.trainables.check(model, {}).then(
      (isDeclared) => (isDeclared ? undefined : 'no runner has declared its training'),
      (error: unknown) => {
        if (error instanceof InvalidInput)
          return `its training has arguments without a default: ${error.message}`;
        throw error;
      },
    );
    if (reason !== undefined && this.told.get(model) !== reason)
      this.logger.warn('a training is due and cannot be asked for', { model, reason });
    if (reason === undefined) this.told.delete(model);
    else this.told.set(model, reason);
    return reason === undefined;
  }
}
