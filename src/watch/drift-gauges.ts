import type { OnApplicationBootstrap, OnApplicationShutdown } from '@nestjs/common';
import { Counter } from 'prom-client';
import { Baseline } from '../artifacts/baseline.js';
import type { ModelRegistry } from '../models/model-registry.js';
import type { AppLogger } from '../observability/app-logger.js';
import type { MetricsRegistry } from '../observability/metrics-registry.js';
import type { Series } from '../observability/collected-metric.js';
import type { StateDatabase } from '../state/state-database.js';
import { StateUnavailable } from '../state/state-unavailable.js';
import type { WatchedVersion } from '../state/stored-drift.js';
import type { DriftCounts } from './drift-counts.js';
import type { DriftReports } from './drift-reports.js';
import { DRIFT_STATUSES, type DriftStatus, LEAST_ROWS, rank } from './drift-status.js';
import type { DriftReport } from './drift-view.js';
import { PeriodicWork } from './periodic-work.js';

const LOOK_MS = 15_000;
/** Clocks of servers differ, and a write takes its time. */
const MARGIN_MS = 60_000;

const keyOf = ({ model, version, baseline }: WatchedVersion): string => `${model}/${version}/${baseline}`;

/** What is exposed of a report, which itself is large. */
interface Figures {
  readonly status: DriftStatus;
  readonly features: readonly (readonly [DriftStatus, number])[];
  readonly excess: number;
}

function figuresOf({ status, verdicts, windows }: DriftReport): Figures {
  const newest = windows.find(({ rows }) => rows >= LEAST_ROWS)?.features ?? [];
  return {
    status,
    features: DRIFT_STATUSES.map((each) => [each, verdicts.filter((said) => said.status === each).length]),
    excess: Math.max(0, ...newest.map(({ psi_excess }) => psi_excess ?? 0)),
  };
}

/**
 * The drift of champions as metrics, read from the state database every 15 seconds where somebody has counted rows: so every
 * server says the same, also one that is asked nothing. The series of a model begin together, with the first rows that count.
 */
export class DriftGauges implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly figures = new Map<string, Figures>();
  /** Versions of which something was counted since their report was made. */
  private readonly changed = new Set<string>();
  private lookedAt = 0;
  private readonly looks = new PeriodicWork(() => this.lookOnce(), LOOK_MS);

  constructor(
    metrics: MetricsRegistry,
    counts: DriftCounts,
    private readonly reports: DriftReports,
    private readonly registry: ModelRegistry,
    private readonly state: StateDatabase,
    private readonly logger: AppLogger,
  ) {
    metrics.collected({
      name: 'nestor_drift_status',
      help: 'The worst that is said of an input or an answer of the champion: 0 insufficient data, 1 ok, 2 warning, 3 drift, 4 severe.',
      type: 'gauge',
      aggregator: 'max',
      collect: () => this.ofModels(({ status }) => [[{}, rank(status)]]),
    });
    metrics.collected({
      name: 'nestor_drift_features',
      help: 'Inputs and answers of the champion by their status.',
      type: 'gauge',
      aggregator: 'max',
      collect: () => this.ofModels(({ features }) => features.map(([status, count]) => [{ status }, count])),
    });
    metrics.collected({
      name: 'nestor_drift_psi_excess',
      help: 'Population stability index beyond chance of what has moved furthest, in the newest window of the champion that holds 300 rows.',
      type: 'gauge',
      aggregator: 'max',
      collect: () => this.ofModels(({ excess }) => [[{}, excess]]),
    });
    new Counter({
      name: 'nestor_drift_write_failures_total',
      help: 'Times that counts could not be added to the windows of drift; they are added later.',
      registers: [metrics.prometheus],
      collect() {
        this.reset();
        this.inc(counts.failures);
      },
    });
  }

  onApplicationBootstrap(): void {
    this.looks.begin();
  }

  onApplicationShutdown(): Promise<void> {
    return this.looks.end();
  }

  /** Reads what has changed, one look at a time; what cannot be read now is read at the next. */
  look(): Promise<void> {
    return this.looks.once();
  }

  private async lookOnce(): Promise<void> {
    if (!this.state.isUp) return;
    const now = Date.now();
    try {
      const counted = await this.state.run('countedSince', { since: this.lookedAt - MARGIN_MS });
      for (const version of counted) this.changed.add(keyOf(version));
      for (const { key, model, version, baseline } of this.champions()) {
        if (!this.changed.has(key)) continue;
        this.figures.set(key, figuresOf(await this.reports.of(model, version, baseline)));
        this.changed.delete(key);
      }
      this.lookedAt = now;
    } catch (error) {
      if (!(error instanceof StateUnavailable)) this.logger.failure('drift cannot be exposed', error);
    }
  }

  private *ofModels(series: (figures: Figures) => readonly Series[]): Iterable<Series> {
    for (const { key, model } of this.champions()) {
      const figures = this.figures.get(key);
      if (figures === undefined) continue;
      for (const [labels, value] of series(figures)) yield [{ model, ...labels }, value];
    }
  }

  private champions(): { key: string; model: string; version: string; baseline: Baseline }[] {
    return this.registry.usable().flatMap(({ manifest: { model, version }, baseline }) => {
      if (!(baseline instanceof Baseline)) return [];
      return [{ key: keyOf({ model, version, baseline: baseline.digest }), model, version, baseline }];
    });
  }
}
