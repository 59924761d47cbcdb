import type {
  Aggregator as LibraryAggregator,
  MetricObjectWithValues,
  MetricValue,
  Registry,
} from 'prom-client';
import { shownLabels } from './labels.js';
import type { Aggregator, MetricFamily } from './metric-family.js';

/** Of Node's own metrics, where the library says something else than what an operator wants of several processes. */
const OF_PROCESS: Readonly<Record<string, Aggregator>> = {
  process_start_time_seconds: 'min',
  // The limit is that of each process.
  process_open_fds: 'max',
  process_max_fds: 'min',
};

/** An average hides the one process that is slow. What the library would leave out is that of one process. */
const OF_LIBRARY: Readonly<Record<LibraryAggregator, Aggregator>> = {
  sum: 'sum',
  min: 'min',
  max: 'max',
  first: 'first',
  average: 'max',
  omit: 'first',
};

type Value = MetricValue<string> & { readonly metricName?: string };
type Metric = MetricObjectWithValues<Value>;

/** prom-client's metrics as data. @param types which of them are asked; others are not collected */
export async function libraryFamilies(
  registry: Registry,
  types: readonly MetricFamily['type'][],
): Promise<MetricFamily[]> {
  // The library's own types leave out that each of these can be asked.
  const all = registry.getMetricsAsArray() as unknown as readonly {
    type: string;
    get: () => Promise<Metric>;
  }[];
  const asked = all.filter(({ type }) => (types as readonly string[]).includes(type));
  return Promise.all(asked.map(async (metric) => familyOf(await metric.get())));
}

function familyOf({ name, help, type, aggregator, values }: Metric): MetricFamily {
  const shared = { name, help, aggregator: OF_PROCESS[name] ?? OF_LIBRARY[aggregator] };
  if ((type as unknown) === 'histogram') return { ...shared, type: 'histogram', ...histogramOf(values) };
  return {
    ...shared,
    type: (type as unknown) === 'counter' ? 'counter' : 'gauge',
    labels: values.map(({ labels }) => shownLabels(labels as Record<string, string>)),
    values: Float64Array.from(values, ({ value }) => value),
  };
}

/** The library tells of each series its buckets, each with those below it, then the sum, then the count. */
function histogramOf(values: readonly Value[]): Pick<MetricFamily, 'buckets' | 'labels' | 'values'> {
  const width = values.findIndex(({ metricName }) => metricName?.endsWith('_count')) + 1;
  // The last bucket is that of all.
  const buckets = values.slice(0, Math.max(0, width - 3)).map(({ labels }) => Number(labels['le']));
  const labels: string[] = [];
  const rows: number[] = [];
  for (let at = 0; at < values.length; at += width) {
    const row = values.slice(at, at + width);
    labels.push(shownLabels(row.at(-1)!.labels as Record<string, string>));
    for (const [index] of buckets.entries()) rows.push(row[index]!.value - (row[index - 1]?.value ?? 0));
    rows.push(row.at(-2)!.value, row.at(-1)!.value);
  }
  return { buckets, labels, values: Float64Array.from(rows) };
}
