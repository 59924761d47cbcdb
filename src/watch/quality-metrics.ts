import type { Manifest } from '../artifacts/manifest.js';
import type { MetricsRegistry } from '../observability/metrics-registry.js';
import type { Figure } from './measured-quality.js';
import { holdoutFigure } from './quality.js';

/** Labels are counted up to so many, within the second that the state database has. */
export const MOST_COUNTED = 500_000;

/** What is known of a champion from labels and counted rows. */
export interface KnownQuality {
  readonly labels: number;
  readonly measured: Figure | undefined;
  readonly hasMoreErrors: boolean;
  readonly estimated: Figure | undefined;
}

/** Of a champion that has no label, and of whom no row was counted. */
export const UNKNOWN: KnownQuality = {
  labels: 0,
  measured: undefined,
  hasMoreErrors: false,
  estimated: undefined,
};

/** A figure that is shown under its name. */
interface Shown {
  readonly name: string;
  readonly value: number;
}

/** Exposes the quality of champions. @param champions those that there are when Prometheus asks */
export function exposeQuality(
  metrics: MetricsRegistry,
  champions: () => readonly (readonly [Manifest, KnownQuality])[],
): void {
  const figure = (
    name: string,
    help: string,
    figureOf: (known: KnownQuality, manifest: Manifest) => Shown | null | undefined,
  ): void =>
    metrics.collected({
      name: `nestor_quality_${name}`,
      help,
      type: 'gauge',
      aggregator: 'max',
      collect: () =>
        champions().flatMap(([manifest, known]) => {
          const shown = figureOf(known, manifest);
          return shown ? [[{ model: manifest.model, metric: shown.name }, shown.value] as const] : [];
        }),
    });
  const count = (name: string, help: string, countOf: (known: KnownQuality) => number): void =>
    metrics.collected({
      name: `nestor_quality_${name}`,
      help,
      type: 'gauge',
      aggregator: 'max',
      collect: () => champions().map(([{ model }, known]) => [{ model }, countOf(known)] as const),
    });
  figure(
    'measured',
    'How right the champion was on its newest labels: accuracy, or mean_absolute_error of numbers; no series before its first label.',
    ({ measured }) => measured,
  );
  figure(
    'measured_low',
    'The lower end of the 95 % interval of what was measured; no series before the first label.',
    ({ measured }) => measured && { name: measured.name, value: measured.low },
  );
  figure(
    'measured_high',
    'The upper end of the 95 % interval of what was measured; no series before the first label.',
    ({ measured }) => measured && { name: measured.name, value: measured.high },
  );
  figure(
    'holdout',
    'The same figure of the champion on the hold-out of its training; no series where the training has told none.',
    (_, manifest) => holdoutFigure(manifest),
  );
  figure(
    'estimated',
    'The accuracy that the probabilities of the champion promise, without labels; no series before rows were counted.',
    ({ estimated }) => estimated,
  );
  count(
    'labels',
    'Predictions of the champion whose truth has come, counted up to 500000.',
    ({ labels }) => labels,
  );
  count(
    'more_errors',
    '1 where the labels of the champion have more errors than its hold-out had, 0 otherwise and where too few say so.',
    ({ hasMoreErrors }) => Number(hasMoreErrors),
  );
}
