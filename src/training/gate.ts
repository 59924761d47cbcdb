import type { Stage } from '../config/settings.js';

export const VERDICTS = ['passed', 'failed', 'needs_approval'] as const;
export type Verdict = (typeof VERDICTS)[number];
/** Whose rows two versions are compared on. */
export const ROWS_OF = ['candidate', 'champion', 'labelled'] as const;

/** Too few rows alone are for a person to decide about. */
const FOR_A_PERSON = 'enough_rows';
/** What a version has to gain to be promoted by rule, in shares; and how likely it may be that it gains nothing. */
const LEAST_GAIN = 0.002;
const MOST_NO_GAIN = 0.025;

/** A version by its number and the digest of its `model.onnx`. */
export interface Judged {
  readonly version: string;
  readonly sha256: string;
}

export interface GateCheck {
  readonly name: string;
  readonly figure: number | null;
  readonly limit: number | null;
  readonly passed: boolean;
  /** What was found, and where it did not pass, what to do. */
  readonly reason: string;
}

/** How the two compare in the primary metric. */
export interface GateMetric {
  readonly name: string;
  readonly candidate: number;
  readonly champion: number;
  /** More is better; of an error in shares of the champion's. */
  readonly gain: number;
  /** With 95 % certainty the gain is larger. */
  readonly low: number;
  /** The share of resamples in which nothing is gained. */
  readonly no_gain: number;
}

export interface GatePictures {
  readonly differences?: readonly {
    readonly name: string;
    readonly estimate: number;
    readonly low: number;
    readonly high: number;
    readonly limit: number | null;
  }[];
  readonly slices?: readonly {
    readonly name: string;
    readonly rows: number;
    readonly candidate: number;
    readonly champion: number;
    readonly difference: number;
  }[];
  readonly roc?: Both<readonly (readonly [number, number])[]>;
  readonly calibration?: Both<
    readonly { readonly predicted: number; readonly observed: number; readonly rows: number }[]
  >;
}

interface Both<T> {
  readonly candidate: T;
  readonly champion: T;
}

/** What a runner has found when it compared a candidate with the champion. */
export interface GateReport {
  readonly candidate: Judged;
  readonly champion: Judged;
  readonly verdict: Verdict;
  readonly metric: GateMetric;
  /** The rows that decide: somebody's hold-out, or the newest labelled ones. */
  readonly holdout: { readonly of: (typeof ROWS_OF)[number]; readonly rows: number };
  readonly checks: readonly GateCheck[];
  readonly pictures: GatePictures;
}

/** What the gate said of the version that a job has published. */
export interface JobGate {
  readonly verdict: Verdict;
  /** Number of the version that it was compared with. */
  readonly champion: string;
  /** Where the report stands. */
  readonly report: string;
  /** By rule, when the job ended. */
  readonly promoted: boolean;
  /** Why, or why not. */
  readonly reason: string;
}

/** What the history says of the gate at a change of the champion. */
export interface HistoryGate {
  readonly verdict: Verdict;
  readonly candidate: Judged;
  readonly champion: Judged;
  /** Somebody overruled it. */
  readonly forced?: true;
  /** Nobody asked for the change. */
  readonly by_rule?: true;
}

/** Whether trained versions become champion by themselves; elsewhere a person decides. */
export const promotesByRule = (stage: Stage): boolean => stage === 'development' || stage === 'test';

/** What follows from the checks. */
export function verdictOf(checks: readonly GateCheck[]): Verdict {
  const failed = checks.filter(({ passed }) => !passed);
  if (failed.length === 0) return 'passed';
  return failed.every(({ name }) => name === FOR_A_PERSON) ? 'needs_approval' : 'failed';
}

/** Why a report does not promote its candidate by rule, as the end of a sentence; undefined: it does. */
export function lackForRule({ verdict, metric }: GateReport, trigger: string): string | undefined {
  if (verdict === 'needs_approval') return 'the gate leaves it to a person';
  if (verdict === 'failed') return 'the gate was not passed';
  // Who drifts is better off with a version of today, also where the old rows tell no gain.
  if (trigger === 'drift') return undefined;
  const gain = signed(metric.gain);
  if (metric.gain < LEAST_GAIN) return `it gains ${gain}, and ${LEAST_GAIN} is the least that counts`;
  if (metric.no_gain > MOST_NO_GAIN) return `its gain of ${gain} may be chance`;
  return undefined;
}

/** A difference as people read it. */
export const signed = (value: number): string => `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(4)}`;

/** A name as words. */
export const spaced = (name: string): string => name.replaceAll('_', ' ');
