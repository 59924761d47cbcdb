import { type Labels, shownLabels } from './labels.js';

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

  /** Adds what another one of the same buckets has counted. */
  merge(other: Tally): void {
    this.sum += other.sum;
    this.count += other.count;
    for (const [bucket, count] of other.counts.entries()) this.counts[bucket]! += count;
  }
}

export interface Description {
  readonly name: string;
  readonly help: string;
  readonly buckets: readonly number[];
}

/**
 * A histogram whose numbers are tallies kept by the caller and read when Prometheus asks. prom-client's own takes an
 * observation at a time, at five times the cost, and makes several objects of each series that it tells.
 */
export class TalliedHistogram {
  private readonly tallies = new Set<Tally>();

  constructor(private readonly description: Description) {}

  /** A new label set, exposed from its first observation on: what is not used has no series. */
  tally(labels: Labels): Tally {
    const tally = new Tally(labels, this.description.buckets);
    this.tallies.add(tally);
    return tally;
  }

  /** Takes a label set out of what is exposed. */
  remove(tally: Tally): void {
    this.tallies.delete(tally);
  }

  /** All series in the Prometheus text format. */
  text(): string {
    const { name, help } = this.description;
    const used = [...this.tallies].filter(({ count }) => count > 0);
    const series = used.map((tally) => this.series(tally));
    return `# HELP ${name} ${help}\n# TYPE ${name} histogram\n${series.join('')}`;
  }

  private series({ labels, counts, count, sum }: Tally): string {
    const { name, buckets } = this.description;
    const shown = shownLabels(labels);
    const bucket = `${name}_bucket{${[...shown, 'le="'].join(',')}`;
    const all = shown.length === 0 ? '' : `{${shown.join(',')}}`;
    let below = 0;
    const lines = buckets.map((bound, index) => {
      below += counts[index]!;
      return `${bucket}${bound}"} ${below}`;
    });
    lines.push(`${bucket}+Inf"} ${count}`, `${name}_sum${all} ${sum}`, `${name}_count${all} ${count}\n`);
    // Joined at once: a text that grows line by line costs twice as much.
    return lines.join('\n');
  }
}
