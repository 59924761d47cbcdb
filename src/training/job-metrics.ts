import { Gauge, type Registry } from 'prom-client';
import type { StateDatabase } from '../state/state-database.js';
import type { JobCount } from '../state/job-operations.js';

/** For so long Prometheus sees the counts of before: one call asks for several metrics, and several may call. */
const KEPT_MS = 5_000;

/** Jobs by model, counted in the state database when Prometheus asks. */
class Counts {
  private counts: readonly JobCount[] = [];
  private counting: Promise<void> | undefined;
  private countedAt = -Infinity;

  constructor(private readonly state: StateDatabase) {}

  /** None while the database is away. */
  async get(): Promise<readonly JobCount[]> {
    if (performance.now() - this.countedAt >= KEPT_MS)
      await (this.counting ??= this.count().finally(() => (this.counting = undefined)));
    return this.counts;
  }

  private async count(): Promise<void> {
    this.counts = this.state.isUp ? await this.state.run('countJobs', undefined).catch(() => []) : [];
    this.countedAt = performance.now();
  }
}

/** Exposes how many jobs there are, since when they wait and run, and when the last ones ended. */
export function exposeJobs(state: StateDatabase, registry: Registry): void {
  const counts = new Counts(state);
  const expose = (
    name: string,
    help: string,
    labelNames: readonly string[],
    set: (gauge: Gauge, count: JobCount) => void,
  ): void => {
    new Gauge({
      name,
      help,
      labelNames,
      // All of it as one process has counted it: a job must not stand there twice, as waiting and as running.
      aggregator: 'first',
      registers: [registry],
      async collect() {
        const all = await counts.get();
        this.reset();
        for (const each of all) set(this, each);
      },
    });
  };
  expose(
    'nestor_jobs',
    'Jobs of the last 90 days.',
    ['model', 'state'],
    (gauge, { model, state: of, count }) => gauge.set({ model, state: of }, count),
  );
  const since = (name: string, of: JobCount['state'], help: string): void =>
    expose(name, help, ['model'], (gauge, { model, state: each, oldest }) => {
      if (each === of) gauge.set({ model }, oldest / 1_000);
    });
  since(
    'nestor_job_waiting_since_timestamp_seconds',
    'queued',
    'When the job that has waited longest was asked for.',
  );
  since('nestor_job_running_since_timestamp_seconds', 'running', 'When the running job was asked for.');
  expose(
    'nestor_job_last_end_timestamp_seconds',
    'When a job last ended in this state.',
    ['model', 'state'],
    (gauge, { model, state: of, finished }) => {
      if (finished !== null) gauge.set({ model, state: of }, finished / 1_000);
    },
  );
}
