import type { OnApplicationBootstrap, OnApplicationShutdown } from '@nestjs/common';
import type { Manifest } from '../artifacts/manifest.js';
import type { ModelRegistry } from '../models/model-registry.js';
import type { AppLogger } from '../observability/app-logger.js';
import type { MetricsRegistry } from '../observability/metrics-registry.js';
import type { StateDatabase } from '../state/state-database.js';
import { StateUnavailable } from '../state/state-unavailable.js';
import type { DriftReports } from './drift-reports.js';
import { PeriodicWork } from './periodic-work.js';
import type { Quality } from './quality.js';
import { exposeQuality, MOST_COUNTED, type KnownQuality, UNKNOWN } from './quality-metrics.js';

const LOOK_MS = 15_000;
/** Clocks of servers differ, and a value may wait for the server that has its record. */
const MARGIN_MS = 60_000;
/** A look that has read for so long leaves the rest to the next one, so that many labels keep nobody waiting. */
const LONGEST_MS = 1_000;

const keyOf = ({ model, version }: { readonly model: string; readonly version: string }): string =>
  `${model}/${version}`;

/**
 * The quality of champions as metrics, read from the state database every 15 seconds where a label or a counted row has
 * come: so every server says the same, also one that is asked nothing.
 */
export class QualityGauges implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly known = new Map<string, KnownQuality>();
  /** Champions with labels that were not measured yet, those that have waited longest first. */
  private readonly labelled = new Set<string>();
  /** Champions with counted rows that were not read yet, likewise. */
  private readonly counted = new Set<string>();
  private lookedAt = 0;
  private readonly looks = new PeriodicWork(() => this.lookOnce(), LOOK_MS);

  constructor(
    metrics: MetricsRegistry,
    private readonly quality: Pick<Quality, 'measured'>,
    private readonly reports: Pick<DriftReports, 'estimate'>,
    private readonly registry: Pick<ModelRegistry, 'usable'>,
    private readonly state: Pick<StateDatabase, 'isUp' | 'run'>,
    private readonly logger: Pick<AppLogger, 'failure'>,
  ) {
    exposeQuality(metrics, () => this.champions().map((manifest) => [manifest, this.of(manifest)] as const));
  }

  onApplicationBootstrap(): void {
    this.looks.begin();
  }

  onApplicationShutdown(): Promise<void> {
    return this.looks.end();
  }

  /** Reads what has changed, one look at a time; what cannot be read now is read at the next look. */
  look(): Promise<void> {
    return this.looks.once();
  }

  private async lookOnce(): Promise<void> {
    if (!this.state.isUp) return;
    const now = Date.now();
    try {
      const champions = new Map(this.champions().map((manifest) => [keyOf(manifest), manifest]));
      await this.findChanged(champions);
      await this.readEach(this.labelled, champions, (manifest) => this.measure(manifest));
      await this.readEach(this.counted, champions, (manifest) => this.estimate(manifest));
      this.lookedAt = now;
    } catch (error) {
      if (!(error instanceof StateUnavailable)) this.logger.failure('quality cannot be exposed', error);
    }
  }

  private async findChanged(champions: ReadonlyMap<string, Manifest>): Promise<void> {
    const since = this.lookedAt - MARGIN_MS;
    const versions = [...champions.values()].map(({ model, version }) => ({ model, version }));
    const labelled = await this.state.run('newestOfVersions', { versions });
    const counted = await this.state.run('countedSince', { since });
    for (const keys of [this.known, this.labelled, this.counted])
      for (const key of keys.keys()) if (!champions.has(key)) keys.delete(key);
    for (const { given, ...version } of labelled)
      if (given >= since || !this.known.has(keyOf(version))) this.labelled.add(keyOf(version));
    for (const version of counted) if (champions.has(keyOf(version))) this.counted.add(keyOf(version));
    for (const key of champions.keys()) {
      if (this.known.has(key)) continue;
      this.known.set(key, UNKNOWN);
      this.counted.add(key);
    }
  }

  /** Reads until the time of a look is over. Who could not be read goes to the end of the line. */
  private async readEach(
    waiting: Set<string>,
    champions: ReadonlyMap<string, Manifest>,
    read: (manifest: Manifest) => Promise<Partial<KnownQuality>>,
  ): Promise<void> {
    const until = performance.now() + LONGEST_MS;
    for (const key of waiting) {
      if (performance.now() >= until) return;
      waiting.delete(key);
      waiting.add(key);
      let found: Partial<KnownQuality> = {};
      try {
        found = await read(champions.get(key)!);
      } catch (error) {
        if (error instanceof StateUnavailable) return;
        // What is wrong with one model leaves the others alone.
        this.logger.failure('quality cannot be exposed', error);
      }
      this.known.set(key, { ...this.known.get(key)!, ...found });
      waiting.delete(key);
    }
  }

  private async measure(manifest: Manifest): Promise<Partial<KnownQuality>> {
    const { model, version } = manifest;
    const labels = await this.state.run('countLabelsOfVersion', { model, version, most: MOST_COUNTED });
    const found = await this.quality.measured(manifest);
    return { labels, measured: found?.metric, hasMoreErrors: found?.errors.status === 'more_errors' };
  }

  private async estimate({ model, version }: Manifest): Promise<Partial<KnownQuality>> {
    return { estimated: (await this.reports.estimate(model, version))?.metric };
  }

  private champions(): Manifest[] {
    return this.registry.usable().map(({ manifest }) => manifest);
  }

  private of(manifest: Manifest): KnownQuality {
    return this.known.get(keyOf(manifest)) ?? UNKNOWN;
  }
}
