import { setImmediate as nextTurn } from 'node:timers/promises';
import type { OnApplicationBootstrap, OnApplicationShutdown } from '@nestjs/common';
import type { AppLogger } from '../observability/app-logger.js';
import { newId } from '../observability/ids.js';
import type { Block } from '../pipeline/bin-counter.js';
import type { BinCounters, Counted } from '../pipeline/bin-counters.js';
import type { Addition } from '../state/drift-operations.js';
import type { StateDatabase } from '../state/state-database.js';
import { StateConflict } from '../state/state-faults.js';
import { StateUnavailable } from '../state/state-unavailable.js';
import type { CountedSlot, WatchedVersion } from '../state/stored-drift.js';
import { LEAST_ROWS } from './drift-status.js';
import { lookedAt } from './feature-detectors.js';
import { PeriodicWork } from './periodic-work.js';

const FLUSH_MS = 5_000;
/** Versions of one write: more might not be done in the time that the database has for it. */
const VERSIONS = 20;
/** Somebody else may be faster with the detectors so often, before the next flush tries again. */
const TRIES = 5;
const PRUNE_MS = 3_600_000;
const DAY_MS = 86_400_000;
const SHORT_KEPT_MS = 30 * DAY_MS;
const LONG_KEPT_MS = 730 * DAY_MS;

/** The lengths of windows, in seconds. */
export const lengthsOf = (windowSeconds: number): readonly [number, number] => [
  windowSeconds,
  24 * windowSeconds,
];

/** What was taken from counters and is not known to be added yet. */
interface Pending {
  readonly write: number;
  readonly counted: readonly Counted[];
}

/**
 * Adds what was counted to the windows of the state database every five seconds, and has the detectors look at it. While the
 * database is away counters go on; what was under way is written again under its own number, so that nothing is added twice.
 */
export class DriftCounts implements OnApplicationBootstrap, OnApplicationShutdown {
  /** Writes that could not be done, or of which nobody knows. */
  failures = 0;
  private readonly writer = newId();
  private writes = 0;
  private pending: readonly Pending[] = [];
  private readonly flushes = new PeriodicWork(() => this.addAll(), FLUSH_MS);
  private pruned = 0;

  constructor(
    private readonly counters: BinCounters,
    private readonly state: StateDatabase,
    private readonly logger: AppLogger,
    private readonly windowSeconds: number,
  ) {}

  onApplicationBootstrap(): void {
    this.flushes.begin();
  }

  /** Nobody is served any more. */
  async onApplicationShutdown(): Promise<void> {
    await this.flushes.end();
    await this.flush();
    const left = [...this.pending.flatMap(({ counted }) => counted), ...this.counters.take()];
    const rows = left.flatMap(({ blocks }) => blocks).reduce((sum, block) => sum + block.rows, 0);
    if (rows > 0)
      this.logger.warn('rows are not in the windows of drift: the state database is away', { rows });
  }

  /** Adds what there is, if the database is there. */
  flush(): Promise<void> {
    return this.flushes.once();
  }

  private async addAll(): Promise<void> {
    if (!this.state.isUp) return;
    if (this.pending.length === 0) this.pending = this.taken();
    try {
      while (this.pending.length > 0) {
        await this.add(this.pending[0]!);
        this.pending = this.pending.slice(1);
      }
      await this.prune();
    } catch (error) {
      this.failures++;
      if (error instanceof StateUnavailable || error instanceof StateConflict) return;
      this.logger.failure('counts cannot be added to the windows of drift', error);
      this.pending = [];
    }
  }

  private taken(): Pending[] {
    // Always in the same order, so that no two servers wait for each other.
    const all = this.counters
      .take()
      .map((each) => ({ ...each, key: keyText(each) }))
      .toSorted((a, b) => (a.key < b.key ? -1 : 1));
    const pending: Pending[] = [];
    for (let first = 0; first < all.length; first += VERSIONS)
      pending.push({ write: ++this.writes, counted: all.slice(first, first + VERSIONS) });
    return pending;
  }

  /** @throws StateUnavailable, StateConflict */
  private async add({ write, counted }: Pending): Promise<void> {
    const versions = counted.map(keyOf);
    for (let tries = 1; ; tries++) {
      const before = await this.state.run('detectorsOf', { versions });
      const additions: Addition[] = [];
      for (const [index, { counter, blocks }] of counted.entries()) {
        await nextTurn();
        const { model, version, baseline } = versions[index]!;
        const stored = before.find(
          (each) => each.model === model && each.version === version && each.baseline === baseline,
        );
        const detectors = await lookedAt(counter.baseline, blocks, stored);
        additions.push({ ...versions[index]!, slots: this.slotsOf(blocks), detectors });
      }
      try {
        const by = { writer: this.writer, write, at: Date.now() };
        await this.state.run('addCounts', { by, additions, leastRows: LEAST_ROWS });
        return;
      } catch (error) {
        if (!(error instanceof StateConflict) || tries === TRIES) throw error;
      }
    }
  }

  /** The sums by window of either length. */
  private slotsOf(blocks: readonly Block[]): CountedSlot[] {
    return lengthsOf(this.windowSeconds).flatMap((seconds) => {
      const ms = seconds * 1_000;
      const byStart = Map.groupBy(blocks, ({ at }) => Math.floor(at / ms) * ms);
      return [...byStart].map(([start, some]) => ({ seconds, start, ...sum(some) }));
    });
  }

  /** @throws StateUnavailable */
  private async prune(): Promise<void> {
    const now = Date.now();
    if (now - this.pruned < PRUNE_MS) return;
    const [, seconds] = lengthsOf(this.windowSeconds);
    await this.state.run('pruneDrift', {
      before: now - SHORT_KEPT_MS,
      seconds,
      longBefore: now - LONG_KEPT_MS,
    });
    this.pruned = now;
  }
}

function keyOf({ counter: { manifest, baseline } }: Counted): WatchedVersion {
  return { model: manifest.model, version: manifest.version, baseline: baseline.digest };
}

function keyText(counted: Counted): string {
  const { model, version, baseline } = keyOf(counted);
  return `${model}/${version}/${baseline}`;
}

function sum(blocks: readonly Block[]): { rows: number; counts: number[] } {
  const counts = new Float64Array(blocks[0]!.counts.length);
  let rows = 0;
  for (const block of blocks) {
    rows += block.rows;
    for (let cell = 0; cell < counts.length; cell++) counts[cell]! += block.counts[cell]!;
  }
  return { rows, counts: [...counts] };
}
