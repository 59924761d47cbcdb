import { Counter, Gauge, type Registry } from 'prom-client';
import type { StateDatabase } from '../state/state-database.js';
import type { PendingCount } from '../state/pending-operations.js';
import type { Given } from '../state/stored-feedback.js';
import { DAY_MS } from '../journal/record-name.js';

/** For so long Prometheus sees the counts of before. */
const KEPT_MS = 5_000;

/** What became of values that were given, since the start. */
export class FeedbackCounts {
  readonly outcomes: Record<Given, number> = { accepted: 0, replaced: 0, unchanged: 0 };
  readonly rejected = new Map<string, number>();

  /** @param codes those that there are: each is there from the start */
  constructor(codes: readonly string[]) {
    for (const code of codes) this.rejected.set(code, 0);
  }

  reject(code: string): void {
    this.rejected.set(code, this.rejected.get(code)! + 1);
  }
}

/** Exposes what became of values that were given, and how many wait for the server that has their record. */
export function exposeFeedback(counts: FeedbackCounts, state: StateDatabase, registry: Registry): void {
  const registers = [registry];
  new Counter({
    name: 'nestor_feedback_total',
    help: 'Values that were given for predictions, by what they have changed.',
    labelNames: ['outcome'],
    registers,
    collect() {
      this.reset();
      for (const [outcome, count] of Object.entries(counts.outcomes)) this.inc({ outcome }, count);
    },
  });
  new Counter({
    name: 'nestor_feedback_rejected_total',
    help: 'Values that were given and could not be taken.',
    labelNames: ['code'],
    registers,
    collect() {
      this.reset();
      for (const [code, count] of counts.rejected) this.inc({ code }, count);
    },
  });
  const pending = new Pending(state);
  new Gauge({
    name: 'nestor_feedback_pending',
    help: 'Predictions of the last day with a value that waits for the server that has their record.',
    aggregator: 'max',
    registers,
    async collect() {
      this.set((await pending.get()).waiting);
    },
  });
  new Gauge({
    name: 'nestor_feedback_unmatched',
    help: 'Predictions with a value for which no server has found a record in a day.',
    aggregator: 'max',
    registers,
    async collect() {
      this.set((await pending.get()).unmatched);
    },
  });
}

/** Counted in the state database when Prometheus asks. */
class Pending {
  private count: PendingCount = { waiting: 0, unmatched: 0 };
  private counting: Promise<void> | undefined;
  private countedAt = -Infinity;

  constructor(private readonly state: StateDatabase) {}

  /** As it was before while the database is away. */
  async get(): Promise<PendingCount> {
    if (performance.now() - this.countedAt >= KEPT_MS)
      await (this.counting ??= this.look().finally(() => (this.counting = undefined)));
    return this.count;
  }

  private async look(): Promise<void> {
    if (this.state.isUp) {
      const since = Date.now() - DAY_MS;
      this.count = await this.state.run('countPending', { since }).catch(() => this.count);
    }
    this.countedAt = performance.now();
  }
}
