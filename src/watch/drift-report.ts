import type { Baseline } from '../artifacts/baseline.js';
import type { StoredWindow } from '../state/stored-drift.js';
import { type DriftStatus, rank, worst } from './drift-status.js';
import type { DriftReport, FoundBy, Verdict } from './drift-view.js';
import type { Alarms } from './feature-detectors.js';
import { ASPECTS } from './finding.js';
import { WindowLine, worstInputFirst } from './window-line.js';

/** What is known of the drift of one version. */
export interface KnownDrift {
  readonly baseline: Baseline;
  /** In any order. */
  readonly windows: readonly StoredWindow[];
  readonly alarms: Alarms;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** Says of each window and each feature how far it has moved from the training. */
export function driftReport(
  { model, version }: { readonly model: string; readonly version: string },
  { baseline, windows, alarms, now }: KnownDrift,
): DriftReport {
  const lines = [...Map.groupBy(windows, ({ seconds }) => seconds)]
    .toSorted(([a], [b]) => a - b)
    .map(([seconds, some]) => new WindowLine(baseline, seconds, some));
  const verdicts = baseline.features
    .map((_, place) => {
      const said = verdict(baseline, place, lines, alarms[place]);
      const { kind, status } = said;
      return { said, kind, status, psi_excess: Math.max(0, ...lines.map((line) => line.excess(place))) };
    })
    .toSorted(worstInputFirst)
    .map(({ said }) => said);
  return {
    model,
    version,
    status: worst(verdicts.map(({ status }) => status)),
    training_rows: baseline.rows,
    verdicts,
    windows: lines.flatMap((line) => line.views(now)),
  };
}

interface Found {
  readonly status: DriftStatus;
  readonly found_by: FoundBy;
  readonly seconds: number | null;
  readonly since: number | undefined;
}

function verdict(
  { features }: Baseline,
  place: number,
  lines: readonly WindowLine[],
  alarm: number | undefined,
): Verdict {
  const { name, kind, edges = null, values = null } = features[place]!;
  const found = lines.flatMap(({ seconds, windows, features: all }): Found[] =>
    ASPECTS.map((aspect) => {
      const { status, since } = all[place]!.findings[aspect].now;
      return {
        status,
        found_by: aspect,
        seconds,
        since: since === undefined ? undefined : windows[since]!.start,
      };
    }),
  );
  if (alarm !== undefined) found.push({ status: 'drift', found_by: 'detector', seconds: null, since: alarm });
  // Of equals the first one stays: shorter windows before longer ones, and windows before the detector.
  const [first] = found.toSorted((a, b) => rank(b.status) - rank(a.status));
  const names = { name, kind };
  const bins = { edges, values };
  if (first === undefined || rank(first.status) <= rank('ok'))
    return {
      ...names,
      status: first?.status ?? 'insufficient_data',
      found_by: null,
      seconds: null,
      since: null,
      ...bins,
    };
  const { status, found_by, seconds, since } = first;
  return {
    ...names,
    status,
    found_by,
    seconds,
    since: since === undefined ? null : new Date(since).toISOString(),
    ...bins,
  };
}
