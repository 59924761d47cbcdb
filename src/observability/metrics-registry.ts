import { Injectable } from '@nestjs/common';
import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import { AppConfig } from '../config/app-config.js';
import { VERSION } from '../config/version.js';
import { type Collected, CollectedMetric } from './collected-metric.js';
import { libraryFamilies } from './library-families.js';
import type { MetricFamily } from './metric-family.js';
import { type Description, TalliedHistogram } from './tallied-histogram.js';

/** Gauges that end in `_total`, which promtool calls a fault of the metric's name. */
const MISNAMED = [
  'nodejs_active_handles_total',
  'nodejs_active_requests_total',
  'nodejs_active_resources_total',
];

/** The process's Prometheus registry: prom-client's default metrics and the build's own. */
@Injectable()
export class MetricsRegistry {
  readonly prometheus = new Registry();
  private readonly own: (TalliedHistogram | CollectedMetric)[] = [];

  constructor(config: AppConfig) {
    collectDefaultMetrics({ register: this.prometheus });
    for (const name of MISNAMED) this.prometheus.removeSingleMetric(name);
    new Gauge({
      name: 'nestor_build_info',
      help: 'Version and stage of this process; the value is always 1.',
      labelNames: ['version', 'stage'],
      aggregator: 'first',
      registers: [this.prometheus],
    }).set({ version: VERSION, stage: config.stage }, 1);
  }

  /** A histogram that is exposed beside prom-client's metrics. */
  histogram(description: Description): TalliedHistogram {
    const made = new TalliedHistogram(description);
    this.own.push(made);
    return made;
  }

  /** A counter or gauge for each model, exposed beside prom-client's metrics. */
  collected(description: Collected): void {
    this.own.push(new CollectedMetric(description));
  }

  /** All metrics in the Prometheus text format. */
  async text(): Promise<string> {
    const others = await this.prometheus.metrics();
    return [others, ...this.own.map((metric) => metric.text())].join('\n');
  }

  /** All metrics as data. What must not be lost is read last, and so is no older than what else is told. */
  async families(): Promise<MetricFamily[]> {
    const gauges = await libraryFamilies(this.prometheus, ['gauge']);
    return [...gauges, ...(await this.totals()), ...this.ownOf('gauge')];
  }

  /** What is counted, which nobody could read again of a process that has ended: counters and histograms. */
  async totals(): Promise<MetricFamily[]> {
    const others = await libraryFamilies(this.prometheus, ['counter', 'histogram']);
    return [...others, ...this.ownOf('counter', 'histogram')];
  }

  private ownOf(...types: readonly MetricFamily['type'][]): MetricFamily[] {
    return this.own.filter(({ type }) => types.includes(type)).map((metric) => metric.family());
  }
}
