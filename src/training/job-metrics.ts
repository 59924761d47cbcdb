import { Gauge, type Registry } from 'prom-client';
import type { StateDatabase } from '../state/state-database.js';
import type { JobCount } from '../state/job-operations.js';

/** How long Prometheus may see the counts of before: several may ask at once. */
const KEPT_MS = 5_000;

/** Jobs by model, as the state database has them when Prometheus asks; while it is away there are none. */
export class JobMetrics {
  private counts: readonly JobCount[] = [];
  private counting: Promise<void> | undefined;
  private countedAt = -Infinity;

  constructor(
    private readonly state: StateDatabase,
    registry: Registry,
  ) {
    const metrics = this;
    const gauge = (
      name: string,
      help: string,
      labels: readonly string[],
      set: (gauge: Gauge) => void,
    ): Gauge =>
      new Gauge({
        name,
        help,
        labelNames: labels,
        registers: [registry],
        async collect() {
          this.reset();
          await metrics.look();
          set(this);
        },
      });
    gauge('nestor_jobs', 'Jobs of the last 90 days by model and state.', ['model', 'state'], (jobs) => {
      for (const { model, state, count } of this.counts) jobs.set({ model, state }, count);
    });
    gauge(
      'nestor_job_waiting_since_timestamp_seconds',
      'When the job that waits longest was asked for.',
      ['model'],
      (since) => {
        for (const { model, oldest } of this.of('queued')) since.set({ model }, oldest / 1_000);
      },
    );
    gauge(
      'nestor_job_running_since_timestamp_seconds',
      'When the running job was asked for.',
      ['model'],
      (since) => {
        for (const { model, oldest } of this.of('running')) since.set({ model }, oldest / 1_000);
      },
    );
    gauge(
      'nestor_job_last_end_timestamp_seconds',
      'When a job last ended so.',
      ['model', 'state'],
      (last) => {
        for (const { model, state, finished } of this.counts) {
          if (finished !== null) last.set({ model, state }, finished / 1_000);
        }
      },
    );
  }

  private of(state: JobCount['state']): JobCount[] {
    return this.counts.filter((each) => each.state === state);
  }

  /** Once for all the metrics that are asked for together. */
  private async look(): Promise<void> {
    if (performance.now() - this.countedAt < KEPT_MS) return;
    await (this.counting ??= this.count().finally(() => (this.counting = undefined)));
  }

  private async count(): Promise<void> {
    this.counts = this.state.isUp ? await this.state.run('countJobs', undefined).catch(() => []) : [];
    this.countedAt = performance.now();
  }
}
