import { sql, type Kysely, type SelectQueryBuilder } from 'kysely';
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

/** How many labels of a model were given at or after a time, `most` where there are more. */
export async function countLabels(
  db: Db,
  { model, since, most }: { model: string; since: number; most: number },
): Promise<number> {
  const some = db
    .selectFrom('labels')
    .select('given')
    .where('model', '=', model)
    .where('given', '>=', since)
    .limit(most);
  return await countOf(db, some);
}

/** How many labels a version has, counted up to `most`: more would take longer than the state database may. */
export async function countLabelsOfVersion(
  db: Db,
  { model, version, most }: { model: string; version: string; most: number },
): Promise<number> {
  const some = db
    .selectFrom('labels')
    .select('given')
    .where('model', '=', model)
    .where('version', '=', version)
    .limit(most);
  return await countOf(db, some);
}

/** A version, and when its newest label was given. */
export interface LabelledVersion {
  readonly model: string;
  readonly version: string;
  readonly given: number;
}

/** When the newest label of each of some versions was given; those without labels are left out. */
export async function newestOfVersions(
  db: Db,
  { versions }: { versions: readonly Pick<LabelledVersion, 'model' | 'version'>[] },
): Promise<LabelledVersion[]> {
  if (versions.length === 0) return [];
  // One step in the index for each version, where a GROUP BY would read all labels. Both engines name the columns of
  // VALUES so.
  const asked = sql.join(versions.map(({ model, version }) => sql`(${model}, ${version})`));
  const { rows } = await sql<LabelledVersion>`
    SELECT * FROM (
      SELECT column1 AS model, column2 AS version,
        (SELECT max(given) FROM labels WHERE model = column1 AND version = column2) AS given
      FROM (VALUES ${asked}) AS asked
    ) AS found WHERE given IS NOT NULL`.execute(db);
  return rows;
}

async function countOf(
  db: Db,
  some: SelectQueryBuilder<StateTables, 'labels', { given: number }>,
): Promise<number> {
  const { labels } = await db
    .selectFrom(some.as('some'))
    .select(({ fn }) => fn.countAll<number>().as('labels'))
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
