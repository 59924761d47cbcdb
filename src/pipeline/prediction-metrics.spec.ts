import type { Manifest } from '../artifacts/manifest.js';
import { testSettings } from '../../test/support/create-app.js';
import { AppConfig } from '../config/app-config.js';
import { MetricsRegistry } from '../observability/metrics-registry.js';
import { PredictionMetrics, type VersionCounts } from './prediction-metrics.js';

const MANIFEST = {
  model: 'm',
  version: '1',
  classes: [
    { value: 0, label: 'a' },
    { value: 1, label: 'b' },
  ],
} as unknown as Manifest;

/** Counts one more of everything that a version counts, whatever there is. */
function countAll(counts: VersionCounts): void {
  const fields = counts as unknown as Record<string, unknown>;
  for (const [name, value] of Object.entries(fields)) if (value === 0) fields[name] = 1;
  for (const name of Object.keys(counts.outcomes)) counts.outcomes[name as 'ok'] = 1;
  counts.classes.fill(1);
  counts.score.observe(0.5);
}

describe(PredictionMetrics.name, () => {
  it('keeps the sum of every counter of a model when a version goes: count on under `gone` in `retire`', async () => {
    const registry = new MetricsRegistry(AppConfig.from(testSettings()));
    const { counts, unregister } = new PredictionMetrics(registry).register(MANIFEST);
    countAll(counts);
    const sums = async (): Promise<Record<string, number>> => {
      const found: Record<string, number> = {};
      for (const [, name, value] of (await registry.text()).matchAll(
        /^(nestor_\w+_(?:total|count))\{.*model="m".*\} (\d+)$/gm,
      ))
        found[name!] = (found[name!] ?? 0) + Number(value);
      return found;
    };
    const before = await sums();
    unregister();

    expect(before).toMatchObject({ nestor_predictions_total: 3, nestor_prediction_class_total: 2 });
    expect(await sums()).toEqual(before);
  });
});
