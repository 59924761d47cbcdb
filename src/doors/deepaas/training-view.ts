import type { ListedJob } from '../../state/stored-job.js';
import { JobNotFound } from '../../training/job-errors.js';
import { listedJob } from '../training/job-view.js';

/** What DEEPaaS says of a training. */
export interface TrainingView {
  readonly date: string;
  readonly args: unknown;
  readonly uuid: string;
  readonly status: 'running' | 'done' | 'error' | 'cancelled';
  readonly result?: { readonly output: object; readonly finish_date: string; readonly duration: string };
  readonly message?: string;
}

const UUID = /^([0-9a-f]{8})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{12})$/;
const DAY = 86_400_000;

/** A job as DEEPaaS shows it: one that waits runs, and one that is to be cancelled is. Times are in UTC. */
export function trainingView(job: ListedJob): TrainingView {
  const { version, metrics, arguments: args, error } = listedJob(job);
  const status = statusOf(job);
  return {
    date: pythonDate(job.created),
    args,
    uuid: job.id.replaceAll('-', ''),
    status,
    ...(status === 'done' && {
      result: {
        output: { version, metrics },
        finish_date: pythonDate(job.finished!),
        duration: pythonDuration(job.finished! - job.created),
      },
    }),
    ...(status === 'error' && { message: error?.detail ?? '' }),
  };
}

/** The id of the job that a training's uuid names. @throws JobNotFound for a text that is none */
export function jobIdOf(uuid: string): string {
  const [, ...parts] = UUID.exec(uuid.toLowerCase()) ?? [];
  if (parts.length === 0) throw new JobNotFound(uuid);
  return parts.join('-');
}

function statusOf({ state, cancelled }: ListedJob): TrainingView['status'] {
  if (state === 'interrupted') return 'error';
  if (state === 'queued' || state === 'running') return cancelled === 1 ? 'cancelled' : 'running';
  return state;
}

/** Milliseconds since 1970 as Python writes a date: `2026-11-27 08:00:00.000000`. */
export function pythonDate(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace('T', ' ').replace('Z', '000');
}

/** Milliseconds as Python writes a difference of dates, always with its six digits: `1 day, 0:00:07.250000`. */
export function pythonDuration(milliseconds: number): string {
  const days = Math.floor(milliseconds / DAY);
  const ofDay = new Date(milliseconds - days * DAY).toISOString().slice(11, -1);
  const time = `${ofDay.replace(/^0/, '')}000`;
  return days === 0 ? time : `${days} ${Math.abs(days) === 1 ? 'day' : 'days'}, ${time}`;
}
