import { channelPair } from '../../test/support/channel-pair.js';
import { testSettings } from '../../test/support/create-app.js';
import { metric } from '../../test/support/metrics.js';
import type { Channel } from '../channel/channel.js';
import { AppConfig } from '../config/app-config.js';
import type { MetricFamily } from '../observability/metric-family.js';
import { MetricsRegistry } from '../observability/metrics-registry.js';
import { CountOffice } from './count-office.js';
import { MetricsOffice } from './metrics-office.js';
import type { WorkerSlot } from './worker-slot.js';

const calls = (value: number): MetricFamily[] => [
  {
    name: 'calls_total',
    help: 'what',
    type: 'counter',
    aggregator: 'sum',
    labels: [''],
    values: Float64Array.of(value),
  },
];

/** Processes as the primary has them, and what each of them has of the primary. */
class Workers {
  private readonly running: WorkerSlot[] = [];
  private readonly metrics = new MetricsOffice(2, new MetricsRegistry(AppConfig.from(testSettings())));
  private readonly count = new CountOffice(2);
  private last = 0;

  start(slot: number): { own: Channel; worker: WorkerSlot; exit: () => void } {
    const [channel, own] = channelPair();
    const child = { id: ++this.last };
    const worker = { slot, channel, worker: child, isEnding: false } as unknown as WorkerSlot;
    this.running.push(worker);
    for (const office of [this.metrics, this.count]) office.serve(worker, () => [...this.running]);
    const exit = (): void => {
      channel.close();
      this.running.splice(this.running.indexOf(worker), 1);
      this.metrics.exited(worker);
    };
    return { own, worker, exit };
  }
}

const page = (own: Channel, value: number): Promise<string> => own.ask('metrics page', calls(value), 5_000);
const up = (text: string): number[] =>
  ['0', '1'].map((worker) => metric(text, 'nestor_worker_up', { worker }));

describe(MetricsOffice.name, () => {
  it('adds up what all tell when one is asked, with the metrics of the primary', async () => {
    const workers = new Workers();
    const [one, other] = [workers.start(0), workers.start(1)];
    other.own.on('metrics', () => calls(3));
    await other.own.ask('metrics', calls(2), 1_000);
    const text = await page(one.own, 1);

    expect(metric(text, 'calls_total')).toBe(4);
    expect(up(text)).toEqual([1, 1]);
    expect(metric(text, 'nestor_workers')).toBe(2);
    expect(metric(text, 'nestor_worker_restarts_total')).toBe(0);
    expect(metric(text, 'nestor_build_info')).toBe(1);
    expect(metric(text, 'process_resident_memory_bytes')).toBeGreaterThan(0);
  });

  it('waits half a second for one that is silent, whose last numbers count', async () => {
    const workers = new Workers();
    const [one, other] = [workers.start(0), workers.start(1)];
    other.own.on('metrics', () => new Promise(() => undefined));
    await other.own.ask('metrics', calls(2), 1_000);
    const began = performance.now();
    const text = await page(one.own, 1);

    expect(performance.now() - began).toBeGreaterThan(450);
    expect(metric(text, 'calls_total')).toBe(3);
    expect(up(text)).toEqual([1, 0]);
  });

  it('waits for none that is being started', async () => {
    const workers = new Workers();
    const [one] = [workers.start(0), workers.start(1)];
    const began = performance.now();
    const text = await page(one.own, 1);

    expect(performance.now() - began).toBeLessThan(450);
    expect(up(text)).toEqual([1, 0]);
  });

  it('keeps what a worker has counted that has ended, and says how many ended without being told to', async () => {
    const workers = new Workers();
    const [one, other] = [workers.start(0), workers.start(1)];
    await other.own.ask('metrics', calls(2), 1_000);
    other.exit();
    const replacement = workers.start(1);
    replacement.own.on('metrics', () => calls(1));
    await replacement.own.ask('metrics', calls(0), 1_000);
    const text = await page(one.own, 1);
    expect(metric(text, 'calls_total')).toBe(4);
    expect(metric(text, 'nestor_worker_restarts_total')).toBe(1);

    replacement.worker.isEnding = true;
    replacement.exit();
    const later = await page(one.own, 1);
    expect(metric(later, 'calls_total')).toBe(4);
    expect(metric(later, 'nestor_worker_restarts_total')).toBe(1);
    expect(up(later)).toEqual([1, 0]);
  });
});

describe(CountOffice.name, () => {
  it('says how many listen, a worker and its replacement once', async () => {
    const workers = new Workers();
    const [one, other] = [workers.start(0), workers.start(1)];
    const count = (): Promise<unknown> => one.own.ask('workers', undefined, 1_000);
    one.worker.hasServed = true;
    expect(await count()).toEqual({ running: 1, configured: 2 });

    other.worker.hasServed = true;
    workers.start(1).worker.hasServed = true;
    expect(await count()).toEqual({ running: 2, configured: 2 });

    other.exit();
    expect(await count()).toEqual({ running: 2, configured: 2 });
  });
});
