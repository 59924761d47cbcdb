import type { BeforeApplicationShutdown, OnApplicationBootstrap } from '@nestjs/common';
import type { RecordFinder } from '../journal/record-finder.js';
import type { VersionFiles } from '../models/version-files.js';
import type { AppLogger } from '../observability/app-logger.js';
import type { StateDatabase } from '../state/state-database.js';
import { StateUnavailable } from '../state/state-unavailable.js';
import type { GivenLabel, GivenValue } from '../state/stored-feedback.js';
import { Versions, waitingPair } from './feedback.js';
import type { FeedbackCounts } from './feedback-metrics.js';
import { PeriodicWork } from './periodic-work.js';

const LOOK_MS = 5_000;
/** Clocks of servers may differ by so much, and what they write may be seen as much later. */
const CLOCKS_MS = 60_000;
const PAGE = 200;
/** What nobody has a record of is forgotten after as long as an ended job. */
const KEPT_MS = 90 * 86_400_000;

/**
 * Where several servers share the state, values wait for the one that has their record: each looks every five seconds for
 * those that came meanwhile, and at its start for all. A value is looked for once here, as its record was written before
 * anybody could give it.
 */
export class FeedbackJoiner implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly looks = new PeriodicWork(() => this.lookOnce(), LOOK_MS);
  /** Those that were given before have been looked for. */
  private since = -1;
  /** Of those that were given after that, the ones that have been. */
  private seen = new Map<string, number>();

  constructor(
    private readonly state: StateDatabase,
    private readonly finder: RecordFinder,
    private readonly versions: Pick<VersionFiles, 'manifest'>,
    private readonly counts: FeedbackCounts,
    private readonly logger: AppLogger,
    private readonly isShared: boolean,
  ) {}

  onApplicationBootstrap(): void {
    if (!this.isShared) return;
    this.looks.begin();
    void this.look();
  }

  /** What it is about to join waits for the next start. */
  beforeApplicationShutdown(): void {
    void this.looks.end();
  }

  /** Looks for those that have not been looked for here. */
  look(): Promise<void> {
    return this.looks.once();
  }

  private async lookOnce(): Promise<void> {
    const now = Date.now();
    try {
      const versions = new Versions(this.versions);
      for (let after = { given: this.since, place: -1, id: '' }; ;) {
        const page = await this.state.run('pendingAfter', { ...after, limit: PAGE });
        await this.join(
          page.filter((value) => !this.seen.has(keyOf(value))),
          versions,
        );
        for (const value of page) this.seen.set(keyOf(value), value.given);
        const last = page.at(-1);
        if (this.looks.hasEnded) return;
        if (last === undefined || page.length < PAGE) break;
        after = { given: last.given, place: last.place, id: last.prediction_id };
      }
      this.since = now - CLOCKS_MS;
      this.seen = new Map([...this.seen].filter(([, given]) => given > this.since));
      await this.state.run('prunePending', { before: now - KEPT_MS });
    } catch (error) {
      if (this.looks.hasEnded || error instanceof StateUnavailable) return;
      this.logger.error('feedback that waits could not be looked for', { reason: (error as Error).message });
    }
  }

  private async join(values: readonly GivenValue[], versions: Versions): Promise<void> {
    const ids = [...new Set(values.map(({ prediction_id }) => prediction_id))];
    const found = await this.finder.find(ids);
    const lines = new Map(ids.map((id, at) => [id, found[at]!]));
    const labels: GivenLabel[] = [];
    const rejected: GivenValue[] = [];
    for (const value of values) {
      const record = lines.get(value.prediction_id)!;
      if (record.outcome !== 'found') continue;
      const { pair, models } = waitingPair(value);
      const checked = await versions.label(record.line, pair, models);
      if ('label' in checked) labels.push({ ...value, ...checked.label });
      else {
        rejected.push(value);
        this.counts.reject(checked.fault.code);
        this.logger.warn('feedback that waited cannot be taken', {
          prediction_id: value.prediction_id,
          ...checked.fault,
        });
      }
    }
    if (labels.length > 0) await this.state.run('joinPending', { values: labels });
    if (rejected.length > 0) await this.state.run('dropPending', { values: rejected });
  }
}

const keyOf = ({ prediction_id, given, place }: GivenValue): string => `${prediction_id} ${given} ${place}`;
