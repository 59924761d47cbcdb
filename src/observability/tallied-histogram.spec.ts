import { Registry } from 'prom-client';
import { TalliedHistogram } from './tallied-histogram.js';

function histogram(): { registry: Registry; made: TalliedHistogram } {
  const registry = new Registry();
  return { registry, made: new TalliedHistogram({ name: 'h', help: 'what', buckets: [1, 2.5] }, registry) };
}

const samples = async (registry: Registry): Promise<string[]> =>
  (await registry.metrics()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));

describe(TalliedHistogram.name, () => {
  it('exposes a label set from its first observation on', async () => {
    const { registry, made } = histogram();
    made.tally({ model: 'unused' });
    made.tally({ model: 'used' }).observe(0);

    expect(await samples(registry)).toEqual([
      'h_bucket{model="used",le="1"} 1',
      'h_bucket{model="used",le="2.5"} 1',
      'h_bucket{model="used",le="+Inf"} 1',
      'h_sum{model="used"} 0',
      'h_count{model="used"} 1',
    ]);
  });

  it('counts a bound into its bucket, and what is above all bounds into +Inf alone', async () => {
    const { registry, made } = histogram();
    const tally = made.tally({ model: 'm' });
    for (const value of [0, 1, 1.5, 2.5, 3]) tally.observe(value);
    tally.observe(2, 10);

    expect(await samples(registry)).toEqual([
      'h_bucket{model="m",le="1"} 2',
      'h_bucket{model="m",le="2.5"} 14',
      'h_bucket{model="m",le="+Inf"} 15',
      'h_sum{model="m"} 28',
      'h_count{model="m"} 15',
    ]);
  });

  it('says its type and help', async () => {
    const { registry, made } = histogram();
    made.tally({});

    expect(await registry.metrics()).toMatch(/^# HELP h what\n# TYPE h histogram\n/);
  });
});
