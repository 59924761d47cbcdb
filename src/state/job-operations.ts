import type { Kysely } from 'kysely';
import type { JobState, ListedJob, StoredJob } from './stored-job.js';
import type { StateTables } from './tables.js';

type Db = Kysely<StateTables>;

/** What became of a job that was to be added. */
export type Added =
  { readonly outcome: 'added' | 'known'; readonly job: StoredJob } | { readonly outcome: 'full' };

/** Which jobs are listed; what is undefined does not matter. */
interface ListedJobs {
  readonly model?: string | undefined;
  readonly models?: readonly string[] | undefined;
  readonly state?: JobState | undefined;
  readonly limit: number;
}

/** Jobs of one model in one state. */
export interface JobCount {
  readonly model: string;
  readonly state: JobState;
  readonly count: number;
  /** When the oldest of them was asked for. */
  readonly oldest: number;
  /** When the last of them ended. */
  readonly finished: number | null;
}

const LISTED = [
  'id',
  'model',
  'state',
  'stage',
  'progress',
  'arguments',
  'metrics',
  'attempt',
  'version',
  'announced',
  'gate',
  'error',
  'created',
  'started',
  'finished',
  'principal',
  'trigger',
  'key',
  'runner',
  'token',
  'expires',
  'cancelled',
  'revision',
] as const satisfies readonly (keyof ListedJob)[];

/** Adds a job unless its key is there already, or as many as `most` wait. */
export async function addJob(db: Db, { job, most }: { job: StoredJob; most: number }): Promise<Added> {
  const before = await jobOfKey(db, job);
  if (before !== undefined) return { outcome: 'known', job: before };
  // The row's lock has those who add do it one after another: else two would both find room for one.
  await db.updateTable('marks').set({ at: job.created }).where('name', '=', 'queue').execute();
  const known = await jobOfKey(db, job);
  if (known !== undefined) return { outcome: 'known', job: known };
  const { waiting } = await db
    .selectFrom('jobs')
    .select(({ fn }) => fn.countAll<number>().as('waiting'))
    .where('state', '=', 'queued')
    .executeTakeFirstOrThrow();
  if (waiting >= most) return { outcome: 'full' };
  await db.insertInto('jobs').values(job).execute();
  return { outcome: 'added', job };
}

async function jobOfKey(db: Db, { principal, model, key }: StoredJob): Promise<StoredJob | undefined> {
  return await db
    .selectFrom('jobs')
    .selectAll()
    .where('principal', '=', principal)
    .where('model', '=', model)
    .where('key', '=', key)
    .executeTakeFirst();
}

export async function findJob(db: Db, { id }: { id: string }): Promise<StoredJob | undefined> {
  return await db.selectFrom('jobs').selectAll().where('id', '=', id).executeTakeFirst();
}

/** The job that a lease is of, ended or not. */
export async function findJobOfLease(db: Db, { token }: { token: string }): Promise<StoredJob | undefined> {
  return await db.selectFrom('jobs').selectAll().where('token', '=', token).executeTakeFirst();
}

/** The newest first. */
export async function listJobs(db: Db, { model, models, state, limit }: ListedJobs): Promise<ListedJob[]> {
  let query = db.selectFrom('jobs').select(LISTED);
  if (models !== undefined) query = query.where('model', 'in', models);
  if (model !== undefined) query = query.where('model', '=', model);
  if (state !== undefined) query = query.where('state', '=', state);
  return await query.orderBy('created', 'desc').orderBy('id', 'desc').limit(limit).execute();
}

/** The job that has waited longest among those of `models` of which none is running. */
export async function nextJob(
  db: Db,
  { models }: { models: readonly string[] },
): Promise<StoredJob | undefined> {
  const running = db.selectFrom('jobs').select('model').where('state', '=', 'running');
  return await db
    .selectFrom('jobs')
    .selectAll()
    .where('state', '=', 'queued')
    .where('model', 'in', models)
    .where('model', 'not in', running)
    .orderBy('created')
    .orderBy('id')
    .limit(1)
    .executeTakeFirst();
}

/**
 * Puts `job` in the place of its own revision before. @returns false: it is another by now, nothing is changed.
 * A job that would be the second running one of its model is a StateConflict.
 */
export async function changeJob(db: Db, { job }: { job: StoredJob }): Promise<boolean> {
  const { id, revision, ...rest } = job;
  const { numUpdatedRows } = await db
    .updateTable('jobs')
    .set({ ...rest, revision })
    .where('id', '=', id)
    .where('revision', '=', revision - 1)
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

export async function countJobs(db: Db): Promise<JobCount[]> {
  return await db
    .selectFrom('jobs')
    .select(({ fn }) => [
      'model',
      'state',
      fn.countAll<number>().as('count'),
      fn.min('created').as('oldest'),
      fn.max('finished').as('finished'),
    ])
    .groupBy(['model', 'state'])
    .execute();
}

/** Forgets jobs that ended before a time. @returns how many. */
export async function pruneJobs(db: Db, { before }: { before: number }): Promise<number> {
  const { numDeletedRows } = await db
    .deleteFrom('jobs')
    .where('finished', '<', before)
    .where('state', 'not in', ['queued', 'running'])
    .executeTakeFirst();
  return Number(numDeletedRows);
}
