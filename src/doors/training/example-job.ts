import type { Shown } from '../../docs/example-call.js';
import type { JobView } from './job-view.js';

/** Stands where a job has its own. */
export const EXAMPLE_JOB = '01a21b3c-5a10-7e5c-9a52-6f1f0a8b7c33';
export const EXAMPLE_TOKEN = 'n2r1Yt0a6cB9kQv5xW8jLs4e';
export const EXAMPLE_ARGUMENTS = { trees: 200 };
export const EXAMPLE_KEY = '2026-11-27-nightly';
export const EXAMPLE_RUNNER = 'trainer-1';
export const EXAMPLE_LINE = 'read 614 rows';
const TIME = '2026-11-27T08:00:00.000Z';

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

/** The same, done. */
export function doneExample(shown: Shown): ReturnType<typeof waitingExample> {
  return {
    ...runningExample(shown),
    state: 'done',
    stage: 'fit',
    progress: 1,
    metrics: { accuracy: 0.78 },
    version: EXAMPLE_VERSION,
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
