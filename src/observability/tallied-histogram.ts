import { Histogram, type HistogramConfiguration, type MetricObjectWithValues, type MetricValue } from 'prom-client';

type Labels = Readonly<Record<string, string | number>>;

/** Observations of one label set, counted in a plain array: about a tenth of the cost of `Histogram.observe`. */
export class Tally {
  readonly counts: Float64Array;
  sum = 0;
  count = 0;

  constructor(
    readonly labels: Labels,
    private readonly bounds: readonly number[],
  ) {
    this.counts = new Float64Array(bounds.length);
  }

  /** Counts `value` `times` over, in the first bucket whose upper bound holds it. */
  observe(value: number, times = 1): void {
    this.sum += value * times;
    this.count += times;
    const { bounds } = this;
    for (let bucket = 0; bucket < bounds.length; bucket++) {
      if (value <= bounds[bucket]!) {
        this.counts[bucket]! += times;
        return;
      }
    }
  }
}

/** A prom-client histogram that is handed its numbers at scrape time from tallies kept by the caller. */
export class TalliedHistogram<T extends string> extends Histogram<T> {
  private readonly tallies: Tally[] = [];
  private readonly bounds: readonly number[];
  private readonly about: { readonly name: string; readonly help: string };

  constructor(configuration: Omit<HistogramConfiguration<T>, 'buckets'> & { readonly buckets: readonly number[] }) {
    super({ ...configuration, buckets: [...configuration.buckets] });
    this.bounds = configuration.buckets;
    this.about = { name: configuration.name, help: configuration.help };
  }

  /** A new label set, exposed at zero from now on. */
  tally(labels: Labels): Tally {
    const tally = new Tally(labels, this.bounds);
    this.tallies.push(tally);
    return tally;
  }

  override get(): Promise<MetricObjectWithValues<MetricValue<T>>> {
    const values = this.tallies.flatMap((tally) => this.values(tally));
    return Promise.resolve({ ...this.about, type: 'histogram', aggregator: 'sum', values } as unknown as MetricObjectWithValues<
      MetricValue<T>
    >);
  }

  private values({ labels, counts, count, sum }: Tally): object[] {
    const { name } = this.about;
    let below = 0;
    const buckets = this.bounds.map((bound, index) => {
      below += counts[index]!;
      return { metricName: `${name}_bucket`, labels: { ...labels, le: bound }, value: below };
    });
    return [
      ...buckets,
      { metricName: `${name}_bucket`, labels: { ...labels, le: '+Inf' }, value: count },
      { metricName: `${name}_sum`, labels, value: sum },
      { metricName: `${name}_count`, labels, value: count },
    ];
  }
}
