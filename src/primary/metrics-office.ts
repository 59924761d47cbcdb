import { familyText, type MetricFamily } from '../observability/metric-family.js';
import type { MetricsRegistry } from '../observability/metrics-registry.js';
import { MetricsSum } from './metrics-sum.js';
import type { Office } from './office.js';
import type { WorkerSlot } from './worker-slot.js';

/** Who is silent for longer is counted with what it told last. */
const SILENT_MS = 500;
/** Among the processes, whose numbers begin at 1. */
const PRIMARY = 0;

/** Adds up the metrics of all workers and of the primary, and keeps what workers have counted who have ended. */
export class MetricsOffice implements Office {
  private readonly sum = new MetricsSum();
  /** By number of the worker, as the last page has found it. */
  private readonly isUp = new Map<number, boolean>();
  private restarts = 0;

  /** @param registry of the primary's own metrics */
  constructor(
    workers: number,
    private readonly registry: MetricsRegistry,
  ) {
    const { isUp } = this;
    for (let slot = 0; slot < workers; slot++) isUp.set(slot, false);
    registry.collected({
      name: 'nestor_workers',
      help: 'Processes that should serve.',
      type: 'gauge',
      aggregator: 'max',
      collect: () => [[{}, workers]],
    });
    registry.collected({
      name: 'nestor_worker_up',
      help: '1 for a serving process that has told its metrics, 0 where it was silent for half a second or is being started.',
      type: 'gauge',
      aggregator: 'max',
      collect: () => [...isUp].map(([worker, up]) => [{ worker }, up ? 1 : 0] as const),
    });
    registry.collected({
      name: 'nestor_worker_restarts_total',
      help: 'Workers that have ended without being told to, and were started again.',
      type: 'counter',
      collect: () => [[{}, this.restarts]],
    });
  }

  serve(worker: WorkerSlot, all: () => readonly WorkerSlot[]): void {
    const { channel } = worker;
    channel.on('metrics', (families: MetricFamily[]) => this.sum.take(worker.worker.id, families));
    channel.on('metrics page', (families: MetricFamily[]) => this.page(worker, families, all()));
  }

  exited({ isEnding, worker }: WorkerSlot): void {
    this.sum.end(worker.id);
    if (!isEnding) this.restarts++;
  }

  /** All metrics, as this worker has them now and the others tell them when they are asked. */
  private async page(
    asked: WorkerSlot,
    families: MetricFamily[],
    all: readonly WorkerSlot[],
  ): Promise<string> {
    const up = new Set([asked.slot]);
    this.sum.take(asked.worker.id, families);
    const others = all.filter((each) => each !== asked && this.sum.has(each.worker.id));
    await Promise.all(
      others.map(async ({ slot, channel, worker }) => {
        const told = await channel
          .ask<MetricFamily[]>('metrics', undefined, SILENT_MS)
          .catch(() => undefined);
        if (told === undefined) return;
        this.sum.take(worker.id, told);
        up.add(slot);
      }),
    );
    for (const slot of this.isUp.keys()) this.isUp.set(slot, up.has(slot));
    this.sum.take(PRIMARY, await this.registry.families());
    return this.sum.families(asked.worker.id).map(familyText).join('\n');
  }
}
