import type { Baseline, Feature, FeatureKind } from '../artifacts/baseline.js';
import type { StoredWindow } from '../state/stored-drift.js';
import { type DriftStatus, rank, worst } from './drift-status.js';
import type { DriftReport, Verdict } from './drift-view.js';
import type { Alarms } from './feature-detectors.js';
import { ASPECTS } from './finding.js';
import { isAnswer, WindowLine, worstInputFirst } from './window-line.js';

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
  const ranked = baseline.features
    .map((feature, place) => rankedVerdict(feature, place, lines, alarms[place]))
    .toSorted(worstInputFirst);
  // Of a text its length and its tokens are compared, and the worse of them is what is said of it.
  const verdicts = ranked
    .filter((one, index) => ranked.findIndex((other) => isOfOne(one, other)) === index)
    .map(({ verdict }) => verdict);
  return {
    model,
    version,
    status: worst(verdicts.map(({ status }) => status)),
    training_rows: baseline.rows,
    verdicts,
    windows: lines.flatMap((line) => line.views(now)),
    bins: baseline.features.map(({ name, kind, edges = null, values = null }) => ({
      name,
      kind,
      edges,
      values,
    })),
  };
}

interface RankedVerdict {
  readonly verdict: Verdict;
  readonly kind: FeatureKind;
  readonly status: DriftStatus;
  readonly moved: number;
}

const isOfOne = (one: RankedVerdict, other: RankedVerdict): boolean =>
  one.verdict.name === other.verdict.name && isAnswer(one) === isAnswer(other);

function rankedVerdict(
  { name, kind }: Feature,
  place: number,
  lines: readonly WindowLine[],
  alarm: number | undefined,
): RankedVerdict {
  const found = worstOf(place, lines, alarm);
  return {
    verdict: { name, kind, ...found },
    kind,
    status: found.status,
    moved: Math.max(0, ...lines.map((line) => line.moved(place))),
  };
}

type Found = Pick<Verdict, 'status' | 'found_by' | 'seconds' | 'since'>;

/** Of equals the first one: shorter windows before longer ones, and windows before the detector. */
function worstOf(place: number, lines: readonly WindowLine[], alarm: number | undefined): Found {
  const all: Found[] = lines.flatMap((line) =>
    ASPECTS.map((aspect) => {
      const { status, since } = line.features[place]!.findings[aspect].now;
      const start = since === undefined ? undefined : line.windows[since]!.start;
      return { status, found_by: aspect, seconds: line.seconds, since: timeOf(start) };
    }),
  );
  if (alarm !== undefined)
    all.push({ status: 'drift', found_by: 'detector', seconds: null, since: timeOf(alarm) });
  const [first] = all.toSorted((a, b) => rank(b.status) - rank(a.status));
  if (first !== undefined && rank(first.status) > rank('ok')) return first;
  return { status: first?.status ?? 'insufficient_data', found_by: null, seconds: null, since: null };
}

const timeOf = (milliseconds: number | undefined): string | null =>
  milliseconds === undefined ? null : new Date(milliseconds).toISOString();
