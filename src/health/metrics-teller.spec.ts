import { channelPair } from '../../test/support/channel-pair.js';
import type { Siblings } from '../channel/siblings.js';
import type { MetricFamily } from '../observability/metric-family.js';
import type { MetricsRegistry } from '../observability/metrics-registry.js';
import { MetricsTeller } from './metrics-teller.js';

const family = (name: string, value: number): MetricFamily => ({
  name,
  help: 'what',
  type: 'counter',
  aggregator: 'sum',
  labels: [''],
  values: Float64Array.of(value),
});

/** Counts how often it is read. */
class Registry {
  reads = 0;
  /** How long reading keeps the process, in milliseconds. */
  dear = 0;

  text(): Promise<string> {
    return Promise.resolve('all of this process');
  }

  totals(): Promise<MetricFamily[]> {
    const until = performance.now() + this.dear;
    while (performance.now() < until);
    return Promise.resolve([family('totals', ++this.reads)]);
  }

  families(): Promise<MetricFamily[]> {
    return Promise.resolve([family('all', this.reads)]);
  }
}

function teller(primary?: Siblings['primary']): { registry: Registry; metrics: MetricsTeller } {
  const registry = new Registry();
  const metrics = new MetricsTeller(
    registry as unknown as MetricsRegistry,
    { primary } as unknown as Siblings,
  );
  return { registry, metrics };
}

describe(MetricsTeller.name, () => {
  it('tells nobody in a process that is alone', async () => {
    const { registry, metrics } = teller();
    metrics.onApplicationBootstrap();
    await metrics.onApplicationShutdown();

    expect(await metrics.text()).toBe('all of this process');
    expect(registry.reads).toBe(0);
  });

  it('asks the primary for the page with what there is here', async () => {
    const [primary, own] = channelPair();
    primary.on('metrics page', ([{ name }]: [MetricFamily]) => `page of ${name}`);

    expect(await teller(own).metrics.text()).toBe('page of all');
  });

  it('tells from the start on what is counted, all when it is asked, and a last time at the end', async () => {
    const [primary, own] = channelPair();
    const told: number[] = [];
    primary.on('metrics', ([{ values }]: [MetricFamily]) => void told.push(values[0]!));
    const { metrics } = teller(own);
    metrics.onApplicationBootstrap();
    await vi.waitFor(() => expect(told).toEqual([1]));
    await vi.waitFor(() => expect(told).toEqual([1, 2]), { timeout: 5_000 });
    expect(await primary.ask('metrics', undefined, 1_000)).toEqual([family('all', 2)]);

    await metrics.onApplicationShutdown();
    expect(told).toEqual([1, 2, 3]);
    // Its models go now, and what is read of it would no longer be right.
    expect(await primary.ask('metrics', undefined, 1_000)).toEqual([]);
  });

  it('takes no more than a twentieth of the time of its process', async () => {
    const [primary, own] = channelPair();
    primary.on('metrics', () => undefined);
    const { registry, metrics } = teller(own);
    registry.dear = 100;
    metrics.onApplicationBootstrap();
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect(registry.reads).toBe(1);

    await metrics.onApplicationShutdown();
  });
});
