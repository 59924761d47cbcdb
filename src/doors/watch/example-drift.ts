import { Baseline } from '../../artifacts/baseline.js';
import type { Shown } from '../../docs/example-call.js';
import type { StoredWindow } from '../../state/stored-drift.js';
import { driftReport } from '../../watch/drift-report.js';
import type { DriftReport } from '../../watch/drift-view.js';

const START = Date.parse('2026-11-27T08:00:00.000Z');
const SECONDS = 3_600;

/** A window whose rows are those of the training. */
export function exampleWindow({ cells, features, rows }: Baseline): StoredWindow {
  const counts = Array.from({ length: cells }, () => 0);
  for (const { start, expected, missing } of features) {
    for (const [bin, count] of [...expected, missing].entries()) counts[start + bin] = count;
  }
  const until = START + SECONDS * 1_000;
  return { seconds: SECONDS, start: START, until, rows, counts: JSON.stringify(counts) };
}

/** The report on such a window alone; undefined where the model that is shown has no baseline. */
export function exampleDrift({ version: { manifest, baseline } }: Shown): DriftReport | undefined {
  if (!(baseline instanceof Baseline)) return undefined;
  const window = exampleWindow(baseline);
  return driftReport(manifest, { baseline, windows: [window], alarms: {}, now: window.until });
}
