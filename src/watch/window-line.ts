import type { Baseline, Feature } from '../artifacts/baseline.js';
import type { StoredWindow } from '../state/stored-drift.js';
import type { FeatureView, WindowView } from './drift-view.js';
import { total } from './distances.js';
import { type DriftStatus, LEAST_ROWS, rank, worst } from './drift-status.js';
import { type FeatureWindow, featureWindow } from './feature-window.js';
import { type Aspect, ASPECTS, Finding } from './finding.js';

interface FeatureLine {
  readonly feature: Feature;
  readonly windows: readonly FeatureWindow[];
  readonly findings: Readonly<Record<Aspect, Finding>>;
}

/** The windows of one length, one after another, and what they say of each feature. */
export class WindowLine {
  /** Oldest first. */
  readonly windows: readonly StoredWindow[];
  /** In the order of the baseline. */
  readonly features: readonly FeatureLine[];

  constructor(
    baseline: Baseline,
    readonly seconds: number,
    windows: readonly StoredWindow[],
  ) {
    this.windows = windows.toSorted((a, b) => a.start - b.start);
    const counts = this.windows.map((window) => JSON.parse(window.counts) as number[]);
    const { features, rows } = baseline;
    this.features = features.map((feature) => {
      const of = counts.map((each) => featureWindow(feature, each, features.length, rows));
      const finding = (aspect: Aspect): Finding =>
        new Finding(aspect, of, aspect === 'distance' ? total(feature.expected) : rows);
      const findings = {
        distance: finding('distance'),
        missing: finding('missing'),
        unseen: finding('unseen'),
      };
      return { feature, windows: of, findings };
    });
  }

  /** How far a feature has moved in the newest window with enough rows. */
  moved(place: number): number {
    return this.features[place]!.windows.findLast(({ asked }) => asked >= LEAST_ROWS)?.moved ?? 0;
  }

  /** The newest first, each with its worst input first. */
  views(now: number): readonly WindowView[] {
    return this.windows
      .map(({ start, until, seconds, rows }, index) => {
        const features = this.features
          .map((line) => {
            const view = viewOf(line, index);
            return { view, kind: view.kind, status: view.status, moved: line.windows[index]!.moved };
          })
          .toSorted(worstInputFirst)
          .map(({ view }) => view);
        return {
          from: new Date(start).toISOString(),
          to: new Date(until).toISOString(),
          seconds,
          rows,
          closed: now >= until && rows >= LEAST_ROWS,
          status: worst(features.map(({ status }) => status)),
          features,
        };
      })
      .toReversed();
  }
}

function viewOf({ feature, windows, findings }: FeatureLine, index: number): FeatureView {
  const { name, kind, expected } = feature;
  const { observed, distance, missing, unseen } = windows[index]!;
  const statusOf = (aspect: Aspect): DriftStatus => findings[aspect].statuses[index]!;
  return {
    name,
    kind,
    status: worst(ASPECTS.map(statusOf)),
    psi: distance?.psi ?? null,
    psi_excess: distance?.excess ?? null,
    critical: distance?.critical ?? null,
    js_distance: distance?.jsDistance ?? null,
    missing: missing?.observed ?? null,
    missing_expected: missing?.expected ?? null,
    missing_status: missing === undefined ? null : statusOf('missing'),
    unseen: unseen?.observed ?? null,
    unseen_expected: unseen?.expected ?? null,
    unseen_status: unseen === undefined ? null : statusOf('unseen'),
    expected,
    observed,
  };
}

type Ranked = Pick<FeatureView, 'kind' | 'status'> & Pick<FeatureWindow, 'moved'>;

/** Inputs before answers, which move when inputs do. */
export const worstInputFirst = (one: Ranked, other: Ranked): number =>
  Number(isAnswer(one)) - Number(isAnswer(other)) ||
  rank(other.status) - rank(one.status) ||
  other.moved - one.moved;

export const isAnswer = ({ kind }: Pick<Ranked, 'kind'>): boolean => kind === 'score' || kind === 'class';
