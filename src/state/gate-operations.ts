import type { Kysely } from 'kysely';
import type { StoredGate } from './stored-gate.js';
import type { StateTables } from './tables.js';

type Db = Kysely<StateTables>;

/** So many reports on one version are looked at. */
const LISTED = 20;
/** So many of a model are kept: with a training a day those of more than a year. */
const KEPT = 500;

/** Keeps a report in the place of the one on the same pair, and the newest of a model alone. */
export async function putGate(db: Db, { gate }: { gate: StoredGate }): Promise<void> {
  const { report, verdict, job, created } = gate;
  await db
    .insertInto('gates')
    .values(gate)
    .onConflict((conflict) =>
      conflict
        .columns(['model', 'version', 'sha256', 'champion', 'champion_sha256'])
        .doUpdateSet({ report, verdict, job, created }),
    )
    .execute();
  const oldest = db
    .selectFrom('gates')
    .select('created')
    .where('model', '=', gate.model)
    .orderBy('created', 'desc')
    .offset(KEPT - 1)
    .limit(1);
  await db.deleteFrom('gates').where('model', '=', gate.model).where('created', '<', oldest).execute();
}

/** The reports on a version, newest first. */
export async function gatesOf(
  db: Db,
  { model, version, sha256 }: { model: string; version: string; sha256: string },
): Promise<StoredGate[]> {
  return await db
    .selectFrom('gates')
    .selectAll()
    .where('model', '=', model)
    .where('version', '=', version)
    .where('sha256', '=', sha256)
    .orderBy('created', 'desc')
    .limit(LISTED)
    .execute();
}
