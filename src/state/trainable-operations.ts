import type { Kysely } from 'kysely';
import type { StateTables, Trainable } from './tables.js';

type Db = Kysely<StateTables>;

/** Keeps what a runner can train; of a model the last declaration. */
export async function declareTrainables(
  db: Db,
  { trainables }: { trainables: readonly Trainable[] },
): Promise<void> {
  // Always in the same order, so that no two runners wait for each other's rows.
  const inOrder = trainables.toSorted((a, b) => (a.model < b.model ? -1 : 1));
  for (const { model, schema, runner } of inOrder) {
    await db
      .insertInto('trainables')
      .values({ model, schema, runner })
      .onConflict((conflict) => conflict.column('model').doUpdateSet({ schema, runner }))
      .execute();
  }
}

/** All that runners have declared, in order of the models' names. */
export async function listTrainables(db: Db): Promise<Trainable[]> {
  return await db.selectFrom('trainables').selectAll().orderBy('model').execute();
}

export async function trainable(db: Db, { model }: { model: string }): Promise<Trainable | undefined> {
  return await db.selectFrom('trainables').selectAll().where('model', '=', model).executeTakeFirst();
}
