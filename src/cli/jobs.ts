import { setTimeout as after } from 'node:timers/promises';
import type { JobGate } from '../training/gate.js';
import { Failure } from './failure.js';
import type { Remote } from './remote.js';

const SHOWN = 20;
const BAR = 30;
const AGAIN_MS = 1_000;
/** A server that restarts is away for less. */
const AWAY_MS = 120_000;
/** Elsewhere than on a terminal a line is written when so much more is done. */
const STEP = 0.1;

/** What of a job is shown here. */
export interface Job {
  readonly id: string;
  readonly model: string;
  readonly state: string;
  readonly stage: string | null;
  readonly progress: number | null;
  readonly metrics: Readonly<Record<string, number>>;
  readonly attempt: number;
  readonly version: string | null;
  readonly gate: JobGate | null;
  readonly error: { readonly code: string; readonly detail: string } | null;
  readonly created: string;
  readonly log?: readonly string[];
}

/** Lists the newest jobs of a server, or shows one. */
export async function showJobs(id: string | undefined, remote: Remote): Promise<void> {
  if (id !== undefined) {
    const job = await remote.ask<Job>('GET', pathOf(id));
    process.stdout.write(`${[...(job.log ?? []), lineOf(job)].join('\n')}\n`);
    return;
  }
  const { jobs } = await remote.ask<{ jobs: Job[] }>('GET', '/jobs');
  if (jobs.length === 0) process.stdout.write(`${remote.name} has no jobs\n`);
  for (const job of jobs.slice(0, SHOWN)) process.stdout.write(`${lineOf(job)}\n`);
  if (jobs.length > SHOWN) process.stdout.write(`and ${jobs.length - SHOWN} older ones\n`);
}

/** Shows a job, or the newest, until it has ended. @throws Failure unless it ends by being done. */
export async function followJob(id: string | undefined, remote: Remote): Promise<void> {
  const last = await ended(remote, id ?? (await newest(remote)));
  if (last.state !== 'done') throw new Failure(lineOf(last));
  process.stdout.write(`${lineOf(last)}\n`);
}

/**
 * A job when it has ended. Until then it is shown: a bar on a terminal, lines elsewhere. A server that is away meanwhile is
 * asked again for two minutes.
 */
export async function ended(remote: Remote, id: string): Promise<Job> {
  const shown = process.stderr.isTTY ? new Bar() : new Lines();
  let last = await remote.ask<Job>('GET', pathOf(id));
  for (let failed = 0; !hasEnded(last);) {
    try {
      for await (const job of eventsOf(remote, id)) {
        shown.show((last = job));
        failed = 0;
      }
    } catch (error) {
      if (++failed > AWAY_MS / AGAIN_MS) throw error;
    }
    if (!hasEnded(last)) await after(AGAIN_MS);
  }
  if (shown instanceof Bar) shown.end();
  return last;
}

async function newest(remote: Remote): Promise<string> {
  const { jobs } = await remote.ask<{ jobs: Job[] }>('GET', '/jobs');
  if (jobs[0] === undefined) throw new Failure(`${remote.name} has no jobs`);
  return jobs[0].id;
}

async function* eventsOf(remote: Remote, id: string): AsyncGenerator<Job> {
  const reply = await remote.send('GET', `${pathOf(id)}/events`, {
    headers: { accept: 'text/event-stream' },
  });
  let rest = '';
  for await (const text of reply.setEncoding('utf8') as AsyncIterable<string>) {
    const events = (rest + text).split('\n\n');
    rest = events.pop()!;
    for (const event of events) yield JSON.parse(event.slice('data: '.length)) as Job;
  }
}

const pathOf = (id: string): string => `/jobs/${encodeURIComponent(id)}`;
const hasEnded = ({ state }: Job): boolean => state !== 'queued' && state !== 'running';
const percentOf = ({ progress }: Job): string => (progress === null ? '' : `${Math.floor(100 * progress)} %`);
const metricsOf = ({ metrics }: Job): string =>
  Object.entries(metrics)
    .map(([name, value]) => `${name} ${Number(value.toPrecision(4))}`)
    .join(', ');

/** A job in a line. */
export function lineOf(job: Job): string {
  const { id, model, state, version, gate, error, created } = job;
  const became =
    error !== null ? `${error.code}: ${error.detail}` : version !== null ? `version ${version}` : '';
  const judged =
    gate === null
      ? ''
      : `gate ${gate.verdict} beside version ${gate.champion}, ${gate.promoted ? 'champion now' : 'not champion'}: ${gate.reason}`;
  return [id, created, model, state, became || (hasEnded(job) ? '' : percentOf(job)), judged, metricsOf(job)]
    .filter((part) => part !== '')
    .join('  ');
}

/** One line that is written over, on standard error. */
class Bar {
  private width = 0;

  show(job: Job): void {
    const full = Math.round(BAR * (job.progress ?? 0));
    const bar = '#'.repeat(full).padEnd(BAR, '-');
    const parts = [`[${bar}]`, percentOf(job), job.stage ?? job.state, metricsOf(job)];
    this.write(parts.filter((part) => part !== '').join('  '));
  }

  end(): void {
    this.write('');
    process.stderr.write('\r');
  }

  private write(text: string): void {
    const cut = text.slice(0, (process.stderr.columns ?? 80) - 1);
    process.stderr.write(`\r${cut.padEnd(this.width)}`);
    this.width = cut.length;
  }
}

/** A line for each stage and each tenth, on standard error. */
class Lines {
  private last = '';

  show(job: Job): void {
    const tenths = job.progress === null ? null : Math.floor(job.progress / STEP);
    const now = [job.state, job.stage, tenths, job.attempt].join();
    if (now === this.last) return;
    this.last = now;
    const parts = [job.stage ?? job.state, percentOf(job), metricsOf(job)];
    process.stderr.write(`${parts.filter((part) => part !== '').join('  ')}\n`);
  }
}
