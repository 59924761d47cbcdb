import { type Labels, shownLabels } from './labels.js';
import { type Aggregator, familyText, type MetricFamily } from './metric-family.js';

/** A label set with its value. */
export type Series = readonly [labels: Labels, value: number];

interface Described {
  readonly name: string;
  readonly help: string;
  /** All series as they are now. */
  readonly collect: () => Iterable<Series>;
}

interface CollectedCounter extends Described {
  readonly type: 'counter';
  /** The label that says `gone` in the series that takes over what a series has counted that ends. */
  readonly endsBy?: string;
}

interface CollectedGauge extends Described {
  readonly type: 'gauge';
  /** What becomes of it where several processes have it. */
  readonly aggregator: Aggregator;
}

export type Collected = CollectedCounter | CollectedGauge;

/**
 * A counter or gauge with series for each model, whose numbers are kept elsewhere and collected when Prometheus asks.
 * prom-client's own keeps an object for each series, and took four fifths of the answer of a thousand models.
 */
export class CollectedMetric {
  constructor(private readonly description: Collected) {}

  get type(): Collected['type'] {
    return this.description.type;
  }

  /** All series as they are now. */
  family(): MetricFamily {
    const { collect, ...description } = this.description;
    const labels: string[] = [];
    const values: number[] = [];
    for (const [each, value] of collect()) {
      labels.push(shownLabels(each));
      values.push(value);
    }
    return { aggregator: 'sum', ...description, labels, values: Float64Array.from(values) };
  }

  /** All series in the Prometheus text format. */
  text(): string {
    return familyText(this.family());
  }
}
