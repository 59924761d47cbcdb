import type { Kysely } from 'kysely';
import type { GivenValue } from './stored-feedback.js';
import type { StateTables } from './tables.js';

type Db = Kysely<StateTables>;

/** How many values wait for the server that has their record: those of the last day, and older ones. */
export interface PendingCount {
  readonly waiting: number;
  readonly unmatched: number;
}

/** Values that wait, those that were given first first, beyond one of them. */
export async function pendingAfter(
  db: Db,
  { given, place, id, limit }: { given: number; place: number; id: string; limit: number },
): Promise<GivenValue[]> {
  return await db
    .selectFrom('pending_feedback')
    .selectAll()
    .where((where) =>
      where.or([
        where('given', '>', given),
        where.and([where('given', '=', given), where('place', '>', place)]),
        where.and([where('given', '=', given), where('place', '=', place), where('prediction_id', '>', id)]),
      ]),
    )
    .orderBy('given')
    .orderBy('place')
    .orderBy('prediction_id')
    .limit(limit)
    .execute();
}

/** Counts predictions that values wait for. @param since those given before are unmatched */
export async function countPending(db: Db, { since }: { since: number }): Promise<PendingCount> {
  const count = async (operator: '<' | '>='): Promise<number> => {
    const { ids } = await db
      .selectFrom('pending_feedback')
      .select(({ fn }) => fn.count<number>('prediction_id').distinct().as('ids'))
      .where('given', operator, since)
      .executeTakeFirstOrThrow();
    return ids;
  };
  return { waiting: await count('>='), unmatched: await count('<') };
}

/** Forgets values that have waited since before a time. @returns how many. */
export async function prunePending(db: Db, { before }: { before: number }): Promise<number> {
  const { numDeletedRows } = await db
    .deleteFrom('pending_feedback')
    .where('given', '<', before)
    .executeTakeFirst();
  return Number(numDeletedRows);
}
