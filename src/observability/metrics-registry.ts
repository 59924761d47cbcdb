import { Injectable } from '@nestjs/common';
import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import { AppConfig } from '../config/app-config.js';
import { VERSION } from '../config/version.js';

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

  constructor(config: AppConfig) {
    collectDefaultMetrics({ register: this.prometheus });
    for (const name of MISNAMED) this.prometheus.removeSingleMetric(name);
    new Gauge({
      name: 'nestor_build_info',
      help: 'Version and stage of this process; the value is always 1.',
      labelNames: ['version', 'stage'],
      registers: [this.prometheus],
    }).set({ version: VERSION, stage: config.stage }, 1);
  }
}
