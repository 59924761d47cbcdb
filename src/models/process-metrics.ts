import { Injectable } from '@nestjs/common';
import type { Manifest } from '../artifacts/manifest.js';
import { MetricsRegistry } from '../observability/metrics-registry.js';
import type { AnyBatcher } from '../pipeline/batcher-of.js';
import type { ModelRunner } from '../runners/model-runner.js';

type Pool = NonNullable<ModelRunner['pool']>;
type Calls = Pick<AnyBatcher, 'waitingCalls'>;

interface Registered {
  readonly manifest: Manifest;
  readonly pool: Pool;
  readonly calls: Calls;
}

/** The processes in which slow models run, as Prometheus sees them; models that run in the server have no series. */
@Injectable()
export class ProcessMetrics {
  private readonly versions = new Set<Registered>();
  /** By model and reason: deaths of versions that are loaded no more. */
  private readonly gone = new Map<string, Map<string, number>>();

  constructor(metrics: MetricsRegistry) {
    const { versions } = this;
    metrics.collected({
      name: 'nestor_model_processes',
      help: 'Processes that run a model and are alive.',
      type: 'gauge',
      aggregator: 'sum',
      *collect() {
        for (const { manifest, pool } of versions)
          yield [{ model: manifest.model, version: manifest.version }, pool.alive];
      },
    });
    metrics.collected({
      name: 'nestor_model_runs_waiting',
      help: 'Calls of a model, or what is left of them, that wait until one of its processes is free.',
      type: 'gauge',
      aggregator: 'sum',
      collect: () => labelled(this.waiting()),
    });
    metrics.collected({
      name: 'nestor_model_process_deaths_total',
      help: 'Processes of a model that have ended before they were told to, by reason.',
      type: 'counter',
      collect: () => this.deaths(),
    });
  }

  /** Begins to tell of the processes of a version. @returns what ends it; their deaths are told on. */
  register(manifest: Manifest, pool: Pool, calls: Calls): () => void {
    const version = { manifest, pool, calls };
    this.versions.add(version);
    return () => {
      this.versions.delete(version);
      const gone = this.gone.get(manifest.model) ?? new Map<string, number>();
      this.gone.set(manifest.model, gone);
      add(gone, pool.deaths);
    };
  }

  private waiting(): Map<string, number> {
    const waiting = new Map<string, number>();
    for (const { manifest, calls } of this.versions) add(waiting, [[manifest.model, calls.waitingCalls]]);
    return waiting;
  }

  private *deaths(): Generator<[{ model: string; reason: string }, number]> {
    const all = new Map([...this.gone].map(([model, deaths]) => [model, new Map(deaths)]));
    for (const { manifest, pool } of this.versions) {
      const deaths = all.get(manifest.model) ?? new Map<string, number>();
      all.set(manifest.model, deaths);
      add(deaths, pool.deaths);
    }
    for (const [model, deaths] of all) {
      for (const [reason, count] of deaths) yield [{ model, reason }, count];
    }
  }
}

function* labelled(byModel: ReadonlyMap<string, number>): Generator<[{ model: string }, number]> {
  for (const [model, value] of byModel) yield [{ model }, value];
}

function add(sums: Map<string, number>, more: Iterable<readonly [string, number]>): void {
  for (const [key, value] of more) sums.set(key, (sums.get(key) ?? 0) + value);
}
