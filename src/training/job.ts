import type { StoredJob } from '../state/stored-job.js';
import type { JobGate } from './gate.js';

/** After so many claims a job whose runner falls silent ends. */
export const MOST_ATTEMPTS = 3;
const LOG_LINES = 1_000;
const LOG_CHARACTERS = 262_144;

/** What somebody asks for. */
export interface Order {
  readonly id: string;
  readonly model: string;
  /** JSON, its fields in the order of their names. */
  readonly arguments: string;
  readonly principal: string;
  readonly trigger: string;
  readonly key: string;
}

/** What a runner says of a training that goes on; what it leaves out stays. */
export interface Beat {
  readonly stage?: string;
  /** From 0 to 1. */
  readonly progress?: number;
  readonly metrics?: Readonly<Record<string, number>>;
  readonly log?: readonly string[];
}

/** Why a job has ended without a version, as people are told. */
export interface JobError {
  readonly code: string;
  readonly detail: string;
}

/** How a runner says that a training has ended. */
export interface Result {
  readonly state: 'done' | 'error' | 'cancelled';
  readonly version?: string;
  readonly error?: JobError;
}

export const hasEnded = ({ state }: Pick<StoredJob, 'state'>): boolean =>
  state !== 'queued' && state !== 'running';

/** A job that waits for a runner. */
export function ordered(order: Order, now: number): StoredJob {
  return {
    ...order,
    state: 'queued',
    stage: null,
    progress: null,
    metrics: '{}',
    attempt: 0,
    version: null,
    announced: null,
    gate: null,
    error: null,
    created: now,
    started: null,
    finished: null,
    runner: null,
    token: null,
    expires: null,
    cancelled: 0,
    revision: 1,
    log: '',
  };
}

/** A runner has it, for as long as it renews its lease. */
export function claimed(
  job: StoredJob,
  runner: string,
  token: string,
  expires: number,
  now: number,
): StoredJob {
  return next(job, {
    state: 'running',
    attempt: job.attempt + 1,
    stage: null,
    progress: null,
    started: job.started ?? now,
    runner,
    token,
    expires,
  });
}

/** The same as before it was claimed: whoever claimed it never heard of it. */
export function unclaimed(job: StoredJob): StoredJob {
  return next(job, { state: 'queued', attempt: job.attempt - 1, runner: null, token: null, expires: null });
}

/** Its runner is alive, and says how far it is. */
export function beaten(job: StoredJob, { stage, progress, metrics, log }: Beat, expires: number): StoredJob {
  return next(job, {
    expires,
    ...(stage !== undefined && { stage }),
    ...(progress !== undefined && { progress }),
    ...(metrics !== undefined && { metrics: merged(job.metrics, metrics) }),
    ...(log !== undefined && { log: lastLines(job.log, log) }),
  });
}

/** Nobody renewed its lease: it waits again, or ends. */
export function abandoned(job: StoredJob, now: number): StoredJob {
  const nobody = { runner: null, expires: null };
  if (job.cancelled === 1) return next(job, { ...nobody, state: 'cancelled', finished: now });
  if (job.attempt < MOST_ATTEMPTS) return next(job, { ...nobody, token: null, state: 'queued' });
  const detail = `its runner fell silent in each of ${MOST_ATTEMPTS} attempts; look at the runners' own logs`;
  const error = JSON.stringify({ code: 'runner_silent', detail } satisfies JobError);
  return next(job, { ...nobody, state: 'interrupted', error, finished: now });
}

/** Its runner says that it has ended. The lease stays noted, so that the runner may say so again. */
export function ended(
  job: StoredJob,
  { state, error }: Result,
  gate: JobGate | null,
  now: number,
): StoredJob {
  return next(job, {
    state,
    progress: state === 'done' ? 1 : job.progress,
    error: error === undefined ? null : JSON.stringify(error),
    gate: gate === null ? null : JSON.stringify(gate),
    expires: null,
    finished: now,
  });
}

/** Somebody wants it to end: one that waits ends at once, one that runs when its runner says so. */
export function cancelled(job: StoredJob, now: number): StoredJob {
  if (job.state === 'queued') return next(job, { cancelled: 1, state: 'cancelled', finished: now });
  return next(job, { cancelled: 1 });
}

/** It is about to publish a version, whose files have this digest. */
export function announced(job: StoredJob, version: string, digest: string): StoredJob {
  return next(job, { announced: `${version} ${digest}` });
}

/** It has published a version. */
export function published(job: StoredJob, version: string): StoredJob {
  return next(job, { version });
}

function next(job: StoredJob, changes: Partial<StoredJob>): StoredJob {
  return { ...job, ...changes, revision: job.revision + 1 };
}

function merged(before: string, metrics: Readonly<Record<string, number>>): string {
  return JSON.stringify({ ...(JSON.parse(before) as object), ...metrics });
}

/** The last lines of both, within bounds. */
function lastLines(before: string, added: readonly string[]): string {
  const lines = [...(before === '' ? [] : before.split('\n')), ...added].slice(-LOG_LINES);
  let characters = lines.reduce((sum, line) => sum + line.length + 1, 0);
  let first = 0;
  while (characters > LOG_CHARACTERS) characters -= lines[first++]!.length + 1;
  return lines.slice(first).join('\n');
}
