import { randomBytes } from 'node:crypto';
import type { BeforeApplicationShutdown, OnApplicationBootstrap } from '@nestjs/common';
import type { Siblings } from '../channel/siblings.js';
import { InvalidInput } from '../errors/errors.js';
import { newId } from '../observability/ids.js';
import type { AppLogger } from '../observability/app-logger.js';
import type { StateDatabase } from '../state/state-database.js';
import { StateConflict } from '../state/state-faults.js';
import { StateUnavailable } from '../state/state-unavailable.js';
import type { JobState, ListedJob, StoredJob } from '../state/stored-job.js';
import type { JobGate } from './gate.js';
import {
  abandoned,
  announced,
  type Beat,
  beaten,
  cancelled,
  claimed,
  ended,
  hasEnded,
  ordered,
  published,
  type Result,
  unclaimed,
} from './job.js';
import { IdempotencyMismatch, JobHasVersion, JobNotFound, LeaseLost, QueueFull } from './job-errors.js';
import { Waiters } from './waiters.js';

const MOST_WAITING_JOBS = 1_000;
const LISTED = 1_000;
/** Callers that wait for a job to claim, and as many that follow one. */
const MOST_WAITERS = 100;
const CLAIM_MS = 20_000;
/** For so long nobody sees what another server has changed in the same database. */
const LOOK_MS = 1_000;
const SWEEP_MS = 1_000;
/** Seconds left out after a sweep that found no running job: only another server can have given one out meanwhile. */
const RESTS = 4;
const KEPT_MS = 90 * 86_400_000;
const PRUNE_MS = 3_600_000;
/** Between two sweeps; more means that the clock was set or the machine slept, and no runner is to blame. */
const LONGEST_SWEEP_MS = 5_000;
const QUEUE = 'queue';

/** What a runner gets with a job. */
export interface Lease {
  readonly token: string;
  /** Milliseconds since 1970. */
  readonly expires: number;
}

/** Who asks for a job, by which key, and for what. */
export interface Submission {
  readonly model: string;
  readonly arguments: Readonly<Record<string, unknown>>;
  readonly principal: string;
  readonly trigger: string;
  /** Undefined: it is asked for once. */
  readonly key: string | undefined;
}

/** The job that somebody has asked for, and whether this call has added it. */
export interface Submitted {
  readonly job: StoredJob;
  readonly isNew: boolean;
}

/** What the gate says of the version that a job has published; what it throws leaves the job as it is. */
export type Judge = (job: StoredJob) => Promise<JobGate | null>;

const unjudged: Judge = () => Promise.resolve(null);

/** Whether the files of a version, by their digest, stand in its place. */
export type IsPublished = (model: string, version: string, digest: string) => Promise<boolean>;

/**
 * Trainings that were asked for, in the state database. Runners claim them, and have them as long as they renew their
 * lease; a job whose runner falls silent goes back into the queue. Each change is made from the revision that was read,
 * so of two who change a job at once, also in two servers, one reads it again.
 */
export class JobQueue implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly claimers: Waiters;
  private readonly followers: Waiters;
  private timer: NodeJS.Timeout | undefined;
  private isSweeping = false;
  private rests = 0;
  private swept = 0;
  private pruned = 0;
  /** Running jobs have had a fresh lease since the server began, or since the clock was set. */
  private isFresh = false;

  constructor(
    private readonly state: StateDatabase,
    private readonly logger: AppLogger,
    private readonly isPublished: IsPublished,
    private readonly leaseMs: number,
    private readonly siblings: Pick<Siblings, 'isFirst' | 'on' | 'pass'>,
  ) {
    this.claimers = new Waiters(MOST_WAITERS, 'a job waits', siblings);
    this.followers = new Waiters(MOST_WAITERS, 'a job has changed', siblings);
  }

  onApplicationBootstrap(): void {
    // Of several workers one looks after jobs for all.
    if (!this.siblings.isFirst) return;
    this.swept = Date.now();
    this.timer = setInterval(() => void this.sweepOnce(), SWEEP_MS).unref();
  }

  /** Who waits is answered at once with what there is. */
  beforeApplicationShutdown(): void {
    clearInterval(this.timer);
    this.claimers.close();
    this.followers.close();
  }

  /**
   * Adds a job, or finds the one that the same key was used for.
   * @throws QueueFull, IdempotencyMismatch, StateUnavailable
   */
  async submit({ key, ...order }: Submission): Promise<Submitted> {
    const id = newId();
    const text = sorted(order.arguments);
    const job = ordered({ ...order, id, arguments: text, key: key ?? id }, Date.now());
    const added = await this.state.run('addJob', { job, most: MOST_WAITING_JOBS });
    if (added.outcome === 'full') throw new QueueFull(MOST_WAITING_JOBS);
    if (added.job.arguments !== text) throw new IdempotencyMismatch(added.job.id);
    if (added.outcome === 'added') this.claimers.tell(QUEUE);
    return { job: added.job, isNew: added.outcome === 'added' };
  }

  /** @throws JobNotFound, StateUnavailable */
  async find(id: string): Promise<StoredJob> {
    const job = await this.state.run('findJob', { id });
    if (job === undefined) throw new JobNotFound(id);
    return job;
  }

  /** The newest first, at most 1,000. @param models of these alone */
  async list(
    model: string | undefined,
    state: JobState | undefined,
    models?: ReadonlySet<string>,
  ): Promise<ListedJob[]> {
    // SQL has no empty list.
    if (models?.size === 0) return [];
    return await this.state.run('listJobs', { model, state, models: models && [...models], limit: LISTED });
  }

  /** Has a job end; what has ended stays as it is. @throws JobNotFound, StateUnavailable */
  async cancel(id: string): Promise<StoredJob> {
    return this.change(
      () => this.find(id),
      (job) => (hasEnded(job) || job.cancelled === 1 ? job : cancelled(job, Date.now())),
    );
  }

  /**
   * Yields a job as it is now and whenever it has changed, until it has ended, the server stops or nobody reads on.
   * @throws WaitersBusy, JobNotFound, StateUnavailable before the first.
   */
  async follow(id: string): Promise<AsyncIterableIterator<StoredJob>> {
    const first = await this.find(id);
    this.followers.assertRoom();
    return this.changes(first);
  }

  /**
   * The job that has waited longest among `models`, waiting for one up to 20 s. Undefined: there was none, the caller has
   * gone, or the server stops.
   * @throws WaitersBusy, StateUnavailable
   */
  async claim(
    runner: string,
    models: readonly string[],
    gone: () => boolean,
  ): Promise<{ job: StoredJob; lease: Lease } | undefined> {
    return this.claimers.enter(async () => {
      const until = performance.now() + CLAIM_MS;
      while (!gone()) {
        const taken = await this.take(runner, models);
        if (taken !== undefined) return gone() ? await this.handBack(taken) : taken;
        const left = until - performance.now();
        if (left <= 0 || this.claimers.hasClosed) return undefined;
        await this.claimers.next(QUEUE, Math.min(left, LOOK_MS));
      }
      return undefined;
    });
  }

  /** Renews the lease and notes how far the training is. @returns whether it is to end. @throws LeaseLost */
  async beat(id: string, token: string, beat: Beat): Promise<{ cancel: boolean }> {
    const job = await this.change(
      () => this.leased(id, token),
      (running) => beaten(running, beat, this.expires()),
    );
    return { cancel: job.cancelled === 1 };
  }

  /**
   * Ends a job as its runner says; one that is done is judged before. Said again it changes nothing.
   * @throws LeaseLost; InvalidInput if it is done by another version than was published with this lease
   */
  async end(id: string, token: string, result: Result, judge: Judge = unjudged): Promise<StoredJob> {
    const before = await this.endedBy(id, token, result);
    const gate = hasEnded(before) || result.state !== 'done' ? null : await judge(before);
    const job = await this.change(
      () => this.endedBy(id, token, result),
      (found) => (hasEnded(found) ? found : ended(found, result, gate, Date.now())),
    );
    // The next job of this model may run.
    this.claimers.tell(QUEUE);
    return job;
  }

  /** The running job that a lease is of, if it is one of `model`. @throws LeaseLost */
  async ofLease(token: string, model: string): Promise<StoredJob> {
    const job = await this.state.run('findJobOfLease', { token });
    if (job === undefined || job.state !== 'running' || job.model !== model) throw new LeaseLost();
    return job;
  }

  /**
   * Notes before a version is put in its place that this job publishes it, so that a kill in between publishes no second.
   * @throws LeaseLost, JobHasVersion
   */
  async announce(token: string, model: string, version: string, digest: string): Promise<void> {
    const before = await this.settled(await this.ofLease(token, model));
    await this.change(
      () => this.leased(before.id, token),
      (job) => {
        if (job.version === null) return announced(job, version, digest);
        if (job.version !== version) throw new JobHasVersion(job.id, job.version);
        return job;
      },
    );
  }

  /** Notes which version a job has published. @throws LeaseLost */
  async publish(token: string, model: string, version: string): Promise<void> {
    const { id } = await this.ofLease(token, model);
    await this.change(
      () => this.leased(id, token),
      (job) => (job.version === null ? published(job, version) : job),
    );
  }

  private async *changes(first: StoredJob): AsyncIterableIterator<StoredJob> {
    yield first;
    let last = first;
    while (!hasEnded(last) && !this.followers.hasClosed) {
      await this.followers.enter(() => this.followers.next(last.id, LOOK_MS));
      const now = await this.state.run('findJob', { id: last.id }).catch(orUnavailable);
      // A database that is away comes back; a job that was pruned does not.
      if (now === undefined) return;
      if (now !== 'unavailable' && now.revision !== last.revision) yield (last = now);
    }
  }

  private async take(
    runner: string,
    models: readonly string[],
  ): Promise<{ job: StoredJob; lease: Lease } | undefined> {
    if (models.length === 0) return undefined;
    for (;;) {
      const found = await this.state.run('nextJob', { models });
      if (found === undefined) return undefined;
      const waiting = await this.settled(found);
      const lease = { token: randomBytes(24).toString('base64url'), expires: this.expires() };
      const job = claimed(waiting, runner, lease.token, lease.expires, Date.now());
      // Another claim may have this one, or another job of this model, by now.
      if (!(await this.replace(job))) continue;
      this.rests = 0;
      return { job, lease };
    }
  }

  private async handBack({ job }: { job: StoredJob }): Promise<undefined> {
    await this.replace(unclaimed(job));
    return undefined;
  }

  /** Settles whether a version that was announced was published: the server may have been killed before it was noted. */
  private async settled(job: StoredJob): Promise<StoredJob> {
    if (job.version !== null || job.announced === null) return job;
    const [version = '', digest = ''] = job.announced.split(' ');
    if (!(await this.isPublished(job.model, version, digest))) return job;
    const known = published(job, version);
    return (await this.replace(known)) ? known : await this.find(job.id);
  }

  /** The job that a runner may end so, or has. */
  private async endedBy(id: string, token: string, { state, version }: Result): Promise<StoredJob> {
    const job = await this.find(id);
    if (job.token !== token) throw new LeaseLost();
    if (!hasEnded(job) && state === 'done' && version !== job.version) throw notPublished(job);
    return job;
  }

  private async leased(id: string, token: string): Promise<StoredJob> {
    const job = await this.find(id);
    if (job.state !== 'running' || job.token !== token) throw new LeaseLost();
    return job;
  }

  /** Reads a job and puts what is made of it in its place, again where somebody else was faster. */
  private async change(
    read: () => Promise<StoredJob>,
    make: (job: StoredJob) => StoredJob,
  ): Promise<StoredJob> {
    for (;;) {
      const before = await read();
      const after = make(before);
      if (after === before || (await this.replace(after))) return after;
    }
  }

  /** @returns false if somebody else has changed it. */
  private async replace(job: StoredJob): Promise<boolean> {
    try {
      const isDone = await this.state.run('changeJob', { job });
      if (isDone) this.followers.tell(job.id);
      return isDone;
    } catch (error) {
      if (error instanceof StateConflict) return false;
      throw error;
    }
  }

  private expires(): number {
    return Date.now() + this.leaseMs;
  }

  private async sweepOnce(): Promise<void> {
    if (this.isSweeping) return;
    this.isSweeping = true;
    try {
      await this.sweep();
    } catch (error) {
      this.logger.error('jobs could not be looked after', { reason: (error as Error).message });
    } finally {
      this.isSweeping = false;
    }
  }

  /** Looks for leases that nobody has renewed, and for jobs that are too old. */
  private async sweep(): Promise<void> {
    const now = Date.now();
    if (Math.abs(now - this.swept - SWEEP_MS) > LONGEST_SWEEP_MS) this.isFresh = false;
    this.swept = now;
    if (this.rests-- > 0) return;
    // A claim that comes while the database is read ends the rest.
    this.rests = RESTS;
    try {
      const running = await this.state.run('listJobs', { state: 'running', limit: LISTED });
      if (running.length > 0) this.rests = 0;
      for (const { id, expires } of running) {
        if (this.isFresh && expires !== null && expires >= now) continue;
        const isSilent = this.isFresh;
        await this.change(
          () => this.find(id),
          (job) => {
            if (job.state !== 'running') return job;
            if (!isSilent) return beaten(job, {}, this.expires());
            return job.expires !== null && job.expires >= now ? job : this.giveUp(job, now);
          },
        );
      }
      this.isFresh = true;
      if (now - this.pruned > PRUNE_MS) {
        await this.state.run('pruneJobs', { before: now - KEPT_MS });
        this.pruned = now;
      }
    } catch (error) {
      // While nobody can report, nobody is silent.
      if (error instanceof StateUnavailable) {
        this.isFresh = false;
        this.rests = 0;
      } else if (!(error instanceof JobNotFound)) throw error;
    }
  }

  private giveUp(job: StoredJob, now: number): StoredJob {
    const after = abandoned(job, now);
    const { id, model, attempt, state } = after;
    this.logger.warn('runner of a job has fallen silent', {
      job: id,
      model,
      attempt,
      runner: job.runner,
      state,
    });
    this.claimers.tell(QUEUE);
    return after;
  }
}

function notPublished({ version }: StoredJob): InvalidInput {
  const detail = `must be the version that was published with this lease; ${version === null ? 'none was' : `that is "${version}"`}`;
  return new InvalidInput([{ pointer: '/version', code: 'not_published', detail }]);
}

function orUnavailable(error: unknown): 'unavailable' {
  if (error instanceof StateUnavailable) return 'unavailable';
  throw error;
}

/** The same arguments in the order of their names are the same text. */
function sorted(given: Readonly<Record<string, unknown>>): string {
  return JSON.stringify(Object.fromEntries(Object.entries(given).toSorted(([a], [b]) => (a < b ? -1 : 1))));
}
