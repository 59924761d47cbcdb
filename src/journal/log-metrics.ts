import { statfsSync } from 'node:fs';
import { Injectable } from '@nestjs/common';
import { Counter, Gauge } from 'prom-client';
import { AppConfig } from '../config/app-config.js';
import { MetricsRegistry } from '../observability/metrics-registry.js';

interface Totals {
  records: number;
  bytes: number;
}

/** `nestor_prediction_log_*`: counted in plain numbers, handed over when Prometheus asks. */
@Injectable()
export class LogMetrics {
  private readonly totals = new Map<string, Totals>();
  private readonly failures: Counter;
  private readonly stalls: Counter;

  constructor(registry: MetricsRegistry, config: AppConfig) {
    const registers = [registry.prometheus];
    const { totals } = this;
    const counter = (of: keyof Totals, help: string): void => {
      new Counter({
        name: `nestor_prediction_log_${of}_total`,
        help,
        labelNames: ['model'],
        registers,
        collect() {
          this.reset();
          for (const [model, total] of totals) this.inc({ model }, total[of]);
        },
      });
    };
    counter('records', 'Prediction records written.');
    counter('bytes', 'Bytes of prediction records written.');
    this.failures = new Counter({
      name: 'nestor_prediction_log_failures_total',
      help: 'Times that writing failed and predictions were refused.',
      registers,
    });
    this.stalls = new Counter({
      name: 'nestor_prediction_log_stall_seconds_total',
      help: 'Seconds in writes of records that took half a second or longer, in which every route waited.',
      registers,
    });
    const space = (
      name: string,
      help: string,
      of: (stats: { bavail: number; blocks: number; bsize: number }) => number,
    ): void => {
      new Gauge({
        name,
        help,
        registers,
        collect() {
          this.set(of(fileSystem(config.predictionLogDir)));
        },
      });
    };
    space(
      'nestor_prediction_log_free_bytes',
      'Free bytes where records are written.',
      ({ bavail, bsize }) => bavail * bsize,
    );
    space(
      'nestor_prediction_log_size_bytes',
      'Size of the file system of the records.',
      ({ blocks, bsize }) => blocks * bsize,
    );
  }

  /** Exposes a model from now on, at zero where it is new: a model's totals go on whatever becomes of its versions. */
  register(model: string): void {
    if (!this.totals.has(model)) this.totals.set(model, { records: 0, bytes: 0 });
  }

  count(model: string, records: number, bytes: number): void {
    const total = this.totals.get(model);
    if (total === undefined) throw new RangeError(`model ${model} was never registered`);
    total.records += records;
    total.bytes += bytes;
  }

  stall(seconds: number): void {
    this.stalls.inc(seconds);
  }

  fail(): void {
    this.failures.inc();
  }
}

/** A folder that is gone has no room, which is what the alert on free space should see; a scrape must not fail for it. */
function fileSystem(folder: string): { bavail: number; blocks: number; bsize: number } {
  try {
    return statfsSync(folder);
  } catch {
    return { bavail: 0, blocks: 0, bsize: 0 };
  }
}
