import { Injectable } from '@nestjs/common';
import { Counter, Gauge } from 'prom-client';
import { AppConfig } from '../config/app-config.js';
import { MetricsRegistry } from '../observability/metrics-registry.js';
import type { Tally } from '../observability/tallied-histogram.js';
import { FreeSpace } from './free-space.js';

interface Totals {
  records: number;
  bytes: number;
}

/** From a disk that keeps writes in its own memory to one that is far away. */
const SYNC_SECONDS = [0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 1, 5];

/** `nestor_prediction_log_*`: counted in plain numbers, handed over when Prometheus asks. */
@Injectable()
export class LogMetrics {
  private readonly totals = new Map<string, Totals>();
  private readonly failures: Counter;
  private readonly stalls: Counter;
  private readonly syncs: Tally;

  constructor(registry: MetricsRegistry, config: AppConfig) {
    const registers = [registry.prometheus];
    const { totals } = this;
    const counter = (of: keyof Totals, help: string): void => {
      registry.collected({
        name: `nestor_prediction_log_${of}_total`,
        help,
        type: 'counter',
        *collect() {
          for (const [model, total] of totals) yield [{ model }, total[of]];
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
      help: 'Seconds in writes of records that took half a second or longer; every route waited, at synced predictions alone.',
      registers,
    });
    const syncs = registry.histogram({
      name: 'nestor_prediction_log_sync_seconds',
      help: 'Seconds to write and sync the records that waited; durability synced alone.',
      buckets: SYNC_SECONDS,
    });
    this.syncs = syncs.tally({});
    const disk = new FreeSpace(config.predictionLogDir);
    const space = (of: 'free' | 'size', help: string): void => {
      new Gauge({
        name: `nestor_prediction_log_${of}_bytes`,
        help,
        aggregator: 'min',
        registers,
        async collect() {
          this.set((await disk.now())[of]);
        },
      });
    };
    space('free', 'Free bytes where records are written.');
    space('size', 'Size of the file system of the records.');
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

  /** Takes in the time of one sync, with the write before it. */
  sync(seconds: number): void {
    this.syncs.observe(seconds);
  }

  fail(): void {
    this.failures.inc();
  }
}
