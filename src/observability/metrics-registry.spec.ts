import { Counter, Histogram } from 'prom-client';
import { testSettings } from '../../test/support/create-app.js';
import { AppConfig } from '../config/app-config.js';
import { familyText, type MetricFamily } from './metric-family.js';
import { MetricsRegistry } from './metrics-registry.js';

function registry(): MetricsRegistry {
  const made = new MetricsRegistry(AppConfig.from(testSettings()));
  const registers = [made.prometheus];
  const labelNames = ['kind'];
  new Counter({ name: 'c_total', help: 'counts', labelNames, registers }).inc({ kind: 'a"b\nc' }, 2);
  const histogram = new Histogram({ name: 'h', help: 'times', labelNames, buckets: [1, 2], registers });
  for (const value of [0.5, 1.5, 1.75, 9]) histogram.observe({ kind: 'one' }, value);
  histogram.observe({ kind: 'other' }, 9);
  new Histogram({ name: 'unused', help: 'nothing', buckets: [1], labelNames, registers });
  made.collected({ name: 'g', help: 'is', type: 'gauge', aggregator: 'max', collect: () => [[{}, 1]] });
  made
    .histogram({ name: 't', help: 'tallies', buckets: [1] })
    .tally({ kind: 'x' })
    .observe(0.5);
  return made;
}

/** Lines with their labels in one order, as the library has another one. */
const linesOf = (text: string): string[] =>
  text
    .split('\n')
    .map((line) => line.replace(/\{(.*)\}/, (_, labels: string) => labels.split(',').toSorted().join(',')));

const named = (families: readonly MetricFamily[], name: string): MetricFamily | undefined =>
  families.find((family) => family.name === name);

describe(MetricsRegistry.name, () => {
  it('tells as data what it tells as text', async () => {
    const made = registry();
    const text = await made.text();
    const families = await made.families();

    for (const name of ['c_total', 'h', 'unused', 'g', 't'])
      expect(linesOf(text)).toEqual(expect.arrayContaining(linesOf(familyText(named(families, name)!))));
    expect(families.map(({ name }) => name).toSorted()).toEqual(
      [...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name!).toSorted(),
    );
  });

  it('has each bucket alone, so that rows can be added', async () => {
    expect(named(await registry().families(), 'h')).toEqual({
      name: 'h',
      help: 'times',
      type: 'histogram',
      aggregator: 'sum',
      buckets: [1, 2],
      labels: ['kind="one"', 'kind="other"'],
      values: Float64Array.from([1, 2, 12.75, 4, 0, 0, 9, 1]),
    });
  });

  it('tells what is counted without asking what is measured', async () => {
    const made = registry();
    made.collected({
      name: 'dear',
      help: 'is asked of a disk',
      type: 'gauge',
      aggregator: 'max',
      collect: () => {
        throw new Error('was asked');
      },
    });

    expect(new Set((await made.totals()).map(({ type }) => type))).toEqual(new Set(['counter', 'histogram']));
  });
});
