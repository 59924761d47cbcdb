import type { Kysely } from 'kysely';
import type { GivenValue, StoredLabel } from './stored-feedback.js';
import type { StateTables } from './tables.js';

type Db = Kysely<StateTables>;

/** Labels of a model given at or after a time, in the order in which they were given, beyond one of them. */
export async function labelsOf(
  db: Db,
  { model, given, id, limit }: { model: string; given: number; id: string; limit: number },
): Promise<StoredLabel[]> {
  return await db
    .selectFrom('labels')
    .selectAll()
    .where('model', '=', model)
    .where((where) =>
      where.or([
        where('given', '>', given),
        where.and([where('given', '=', given), where('prediction_id', '>', id)]),
      ]),
    )
    .orderBy('given')
    .orderBy('prediction_id')
    .limit(limit)
    .execute();
}

/** What `newestLabels` reads of a label; the inputs are empty where nobody needs them. */
export type NewLabel = Pick<StoredLabel, 'prediction_id' | 'given' | 'value' | 'outputs' | 'inputs'>;

/** Labels of a version, those given last first, beyond one of them. */
export async function newestLabels(
  db: Db,
  {
    model,
    version,
    needsInputs,
    given,
    id,
    limit,
  }: {
    model: string;
    version: string;
    needsInputs: boolean;
    given: number;
    id: string;
    limit: number;
  },
): Promise<NewLabel[]> {
  return await db
    .selectFrom('labels')
    .select(['prediction_id', 'given', 'value', 'outputs'])
    .select(({ ref, val }) => (needsInputs ? ref('inputs') : val('{}')).as('inputs'))
    .where('model', '=', model)
    .where('version', '=', version)
    .where((where) =>
      where.or([
        where('given', '<', given),
        where.and([where('given', '=', given), where('prediction_id', '<', id)]),
      ]),
    )
    .orderBy('given', 'desc')
    .orderBy('prediction_id', 'desc')
    .limit(limit)
    .execute();
}

/** How many labels of a model were given at or after a time. */
export async function countLabels(
  db: Db,
  { model, since }: { model: string; since: number },
): Promise<number> {
  const { labels } = await db
    .selectFrom('labels')
    .select(({ fn }) => fn.countAll<number>().as('labels'))
    .where('model', '=', model)
    .where('given', '>=', since)
    .executeTakeFirstOrThrow();
  return labels;
}

/** All values that were given for a prediction, in their order. */
export async function valuesOf(db: Db, { id }: { id: string }): Promise<GivenValue[]> {
  return await db
    .selectFrom('feedback')
    .selectAll()
    .where('prediction_id', '=', id)
    .orderBy('given')
    .orderBy('place')
    .execute();
}
