/**
 * What becomes of a gauge that several processes of this server have: `first` is that of one process, with all its series,
 * for what a sum or an extreme of each series would tear apart.
 */
export type Aggregator = 'sum' | 'min' | 'max' | 'first';

/** The value of a label under which goes on what was counted of something that is there no more. */
export const GONE = 'gone';

/** A metric with its series as one process has them: data, which another process can be sent. */
export interface MetricFamily {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly aggregator: Aggregator;
  /** Upper bounds of a histogram's buckets. */
  readonly buckets?: readonly number[];
  /** The label that has the value `gone` in the series that takes over what a series has counted that ends. */
  readonly endsBy?: string | undefined;
  /** Of each series, in the Prometheus text format and without braces. */
  readonly labels: readonly string[];
  /** Of each series in turn its row: a value; of a histogram what is in each bucket alone, the sum, and the count. */
  readonly values: Float64Array;
}

/** How many numbers each series has. */
export const rowLength = ({ buckets }: Pick<MetricFamily, 'buckets'>): number =>
  buckets === undefined ? 1 : buckets.length + 2;

/** The metric in the Prometheus text format. */
export function familyText(family: MetricFamily): string {
  const { name, help, type, labels, values, buckets } = family;
  const width = rowLength(family);
  const series = labels.map((each, index) =>
    buckets === undefined
      ? `${name}${inBraces(each)} ${shownNumber(values[index]!)}\n`
      : histogramText(name, each, buckets, values.subarray(index * width, (index + 1) * width)),
  );
  return `# HELP ${name} ${help.replace(/[\\\n]/g, (sign) => (sign === '\n' ? '\\n' : '\\\\'))}\n# TYPE ${name} ${type}\n${series.join('')}`;
}

function histogramText(name: string, labels: string, buckets: readonly number[], row: Float64Array): string {
  const bucket = `${name}_bucket{${labels}${labels === '' ? '' : ','}le="`;
  const all = inBraces(labels);
  const count = row[buckets.length + 1]!;
  let below = 0;
  const lines = buckets.map((bound, index) => {
    below += row[index]!;
    return `${bucket}${bound}"} ${below}`;
  });
  lines.push(
    `${bucket}+Inf"} ${count}`,
    `${name}_sum${all} ${shownNumber(row[buckets.length]!)}`,
    `${name}_count${all} ${count}\n`,
  );
  // Joined at once: a text that grows line by line costs twice as much.
  return lines.join('\n');
}

const inBraces = (labels: string): string => (labels === '' ? '' : `{${labels}}`);

/** As Prometheus writes it: infinity has another name than here. */
const shownNumber = (value: number): string =>
  Number.isFinite(value) || Number.isNaN(value) ? String(value) : value > 0 ? '+Inf' : '-Inf';
