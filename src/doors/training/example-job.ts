import type { Shown } from '../../docs/example-call.js';
import type { GateReport } from '../../training/gate.js';
import type { JobView } from './job-view.js';

/** Stands where a job has its own. */
export const EXAMPLE_JOB = '01a21b3c-5a10-7e5c-9a52-6f1f0a8b7c33';
export const EXAMPLE_TOKEN = 'n2r1Yt0a6cB9kQv5xW8jLs4e';
export const EXAMPLE_ARGUMENTS = { trees: 200 };
export const EXAMPLE_KEY = '2026-11-27-nightly';
export const EXAMPLE_RUNNER = 'trainer-1';
export const EXAMPLE_LINE = 'read 614 rows';
export const TIME = '2026-11-27T08:00:00.000Z';

/** A job of the model that is shown, which waits. */
export function waitingExample({ version: { manifest } }: Shown): JobView & { log: readonly string[] } {
  return {
    id: EXAMPLE_JOB,
    model: manifest.model,
    state: 'queued',
    stage: null,
    progress: null,
    arguments: EXAMPLE_ARGUMENTS,
    metrics: {},
    attempt: 0,
    version: null,
    gate: null,
    error: null,
    created: TIME,
    started: null,
    finished: null,
    principal: null,
    trigger: 'request',
    runner: null,
    cancelled: false,
    log: [],
  };
}

/** The same, claimed by a runner. */
export function runningExample(shown: Shown): ReturnType<typeof waitingExample> {
  const running = { state: 'running', attempt: 1, started: TIME, runner: EXAMPLE_RUNNER } as const;
  return { ...waitingExample(shown), ...running };
}

/** A report on two versions that have the same graph. */
export function exampleReport(
  { version: { digest } }: Shown,
  candidate: string,
  champion: string,
): GateReport {
  const checks = [
    {
      name: 'primary_metric',
      figure: -0.0033,
      limit: -0.005,
      passed: true,
      reason:
        'accuracy 0.7987, the champion’s 0.7987: a gain of +0.0000, with 95 % certainty at least -0.0033',
    },
    {
      name: 'enough_rows',
      figure: 154,
      limit: 500,
      passed: false,
      reason: 'compared on 154 rows, of 500 that are needed; too few to decide by rule, so a person approves',
    },
  ];
  return {
    candidate: { version: candidate, sha256: digest },
    champion: { version: champion, sha256: digest },
    verdict: 'needs_approval',
    metric: {
      name: 'accuracy',
      candidate: 0.7987,
      champion: 0.7987,
      gain: 0,
      low: -0.0033,
      no_gain: 0.52,
    },
    holdout: { of: 'champion', rows: 154 },
    checks,
    pictures: {
      differences: [{ name: 'accuracy', estimate: 0, low: -0.0033, high: 0.0033, limit: -0.005 }],
    },
  };
}

/** The same, done. */
export function doneExample(shown: Shown): ReturnType<typeof waitingExample> {
  return {
    ...runningExample(shown),
    state: 'done',
    stage: 'fit',
    progress: 1,
    metrics: { accuracy: 0.78 },
    version: EXAMPLE_VERSION,
    gate: {
      verdict: 'needs_approval',
      champion: shown.version.manifest.version,
      report: `/models/${shown.version.manifest.model}/versions/${EXAMPLE_VERSION}/gate`,
      promoted: false,
      reason: 'the gate leaves it to a person',
    },
    finished: TIME,
    log: [EXAMPLE_LINE],
  };
}

export const EXAMPLE_VERSION = '2';
export const EXAMPLE_BEAT = {
  token: EXAMPLE_TOKEN,
  stage: 'fit',
  progress: 0.5,
  metrics: { accuracy: 0.78 },
  log: [EXAMPLE_LINE],
};
