import type { JobState, ListedJob, StoredJob } from '../../state/stored-job.js';
import type { JobGate } from '../../training/gate.js';
import type { JobError } from '../../training/job.js';

/** A job as people see it. */
export interface JobView {
  readonly id: string;
  readonly model: string;
  readonly state: JobState;
  readonly stage: string | null;
  readonly progress: number | null;
  readonly arguments: unknown;
  readonly metrics: unknown;
  readonly attempt: number;
  readonly version: string | null;
  readonly gate: JobGate | null;
  readonly error: JobError | null;
  readonly created: string;
  readonly started: string | null;
  readonly finished: string | null;
  readonly principal: string | null;
  readonly trigger: string;
  readonly runner: string | null;
  readonly cancelled: boolean;
}

/** As a list shows it. */
export function listedJob(job: ListedJob): JobView {
  const { id, model, state, stage, progress, attempt, version, principal, trigger, runner } = job;
  return {
    id,
    model,
    state,
    stage,
    progress,
    arguments: JSON.parse(job.arguments) as unknown,
    metrics: JSON.parse(job.metrics) as unknown,
    attempt,
    version,
    gate: job.gate === null ? null : (JSON.parse(job.gate) as JobGate),
    error: job.error === null ? null : (JSON.parse(job.error) as JobError),
    created: time(job.created)!,
    started: time(job.started),
    finished: time(job.finished),
    principal: principal === '' ? null : principal,
    trigger,
    runner,
    cancelled: job.cancelled === 1,
  };
}

/** The same with the lines that its training has said last. */
export function jobView(job: StoredJob): JobView & { log: readonly string[] } {
  return { ...listedJob(job), log: job.log === '' ? [] : job.log.split('\n') };
}

function time(milliseconds: number | null): string | null {
  return milliseconds === null ? null : new Date(milliseconds).toISOString();
}
