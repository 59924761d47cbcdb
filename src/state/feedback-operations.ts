import type { Kysely } from 'kysely';
import type { Given, GivenLabel, GivenValue } from './stored-feedback.js';
import type { StateTables } from './tables.js';

type Db = Kysely<StateTables>;

/**
 * Keeps values in their order; the last one of a prediction is its label. @returns what each has changed.
 */
export async function putFeedback(db: Db, { values }: { values: readonly GivenLabel[] }): Promise<Given[]> {
  await lock(db);
  return await put(db, values, false);
}

/**
 * Keeps values that nobody here has a record of, until a server comes that has it. @returns what each has changed of
 * those that wait.
 */
export async function putPending(db: Db, { values }: { values: readonly GivenValue[] }): Promise<Given[]> {
  if (values.length === 0) return [];
  await lock(db);
  const waiting = await db
    .selectFrom('pending_feedback')
    .select(['prediction_id', 'value'])
    .where('prediction_id', 'in', idsOf(values))
    .orderBy('given')
    .orderBy('place')
    .execute();
  const last = new Map(waiting.map(({ prediction_id, value }) => [prediction_id, value]));
  const outcomes = values.map((value) => change(last, value));
  const rows = values.filter((_, at) => outcomes[at] !== 'unchanged');
  if (rows.length > 0) await db.insertInto('pending_feedback').values(rows.map(plain)).execute();
  return outcomes;
}

/**
 * Keeps values that have waited, and lets them wait no longer; one that is older than the label of its prediction
 * replaces nothing. @returns what each has changed.
 */
export async function joinPending(db: Db, { values }: { values: readonly GivenLabel[] }): Promise<Given[]> {
  await lock(db);
  // Another server that has the same record may have been faster.
  const left = await pendingAmong(db, values);
  await removePending(db, values);
  const outcomes = await put(
    db,
    values.filter((value) => left.has(keyOf(value))),
    true,
  );
  const next = outcomes[Symbol.iterator]();
  return values.map((value) => (left.has(keyOf(value)) ? next.next().value! : 'unchanged'));
}

/** Lets values wait no longer. @returns how many did. */
export async function dropPending(db: Db, { values }: { values: readonly GivenValue[] }): Promise<number> {
  await lock(db);
  return await removePending(db, values);
}

/** Forgets all values of predictions whose records were erased. @returns how many rows had them, with labels and what waits */
export async function forgetPredictions(db: Db, { ids }: { ids: readonly string[] }): Promise<number> {
  if (ids.length === 0) return 0;
  await lock(db);
  let rows = 0;
  for (const table of ['labels', 'feedback', 'pending_feedback'] as const) {
    const deleted = await db.deleteFrom(table).where('prediction_id', 'in', ids).executeTakeFirst();
    rows += Number(deleted.numDeletedRows);
  }
  return rows;
}

/** Those who keep values do it one after another: else two would both be the first, or wait for each other's rows. */
async function lock(db: Db): Promise<void> {
  await db.updateTable('marks').set({ at: 0 }).where('name', '=', 'feedback').execute();
}

async function put(db: Db, values: readonly GivenLabel[], isLate: boolean): Promise<Given[]> {
  if (values.length === 0) return [];
  const known = await db
    .selectFrom('labels')
    .select(['prediction_id', 'value', 'given'])
    .where('prediction_id', 'in', idsOf(values))
    .execute();
  const last = new Map(known.map(({ prediction_id, value }) => [prediction_id, value]));
  const since = new Map(known.map(({ prediction_id, given }) => [prediction_id, given]));
  const labels = new Map<string, GivenLabel>();
  const kept: GivenLabel[] = [];
  const outcomes = values.map((value): Given => {
    const isOlder = isLate && value.given < (since.get(value.prediction_id) ?? -Infinity);
    if (isOlder) {
      if (last.get(value.prediction_id) !== value.value) kept.push(value);
      return 'unchanged';
    }
    const outcome = change(last, value);
    if (outcome === 'unchanged') return outcome;
    kept.push(value);
    labels.set(value.prediction_id, value);
    return outcome;
  });
  if (kept.length > 0) await db.insertInto('feedback').values(kept.map(plain)).execute();
  if (labels.size > 0) {
    await db
      .insertInto('labels')
      .values([...labels.values()].map(({ place: _place, ...label }) => label))
      .onConflict((conflict) =>
        conflict.column('prediction_id').doUpdateSet(({ ref }) => ({
          value: ref('excluded.value'),
          given: ref('excluded.given'),
          principal: ref('excluded.principal'),
        })),
      )
      .execute();
  }
  return outcomes;
}

/** What a value changes of those that were last given, which it then is. */
function change(last: Map<string, string>, { prediction_id, value }: GivenValue): Given {
  const before = last.get(prediction_id);
  last.set(prediction_id, value);
  if (before === undefined) return 'accepted';
  return before === value ? 'unchanged' : 'replaced';
}

async function pendingAmong(db: Db, values: readonly GivenValue[]): Promise<Set<string>> {
  if (values.length === 0) return new Set();
  const rows = await db
    .selectFrom('pending_feedback')
    .selectAll()
    .where('prediction_id', 'in', idsOf(values))
    .execute();
  return new Set(rows.map(keyOf));
}

async function removePending(db: Db, values: readonly GivenValue[]): Promise<number> {
  let removed = 0n;
  for (const { prediction_id, given, place } of values) {
    const { numDeletedRows } = await db
      .deleteFrom('pending_feedback')
      .where('prediction_id', '=', prediction_id)
      .where('given', '=', given)
      .where('place', '=', place)
      .executeTakeFirst();
    removed += numDeletedRows;
  }
  return Number(removed);
}

const idsOf = (values: readonly GivenValue[]): string[] => [
  ...new Set(values.map(({ prediction_id }) => prediction_id)),
];

const keyOf = ({ prediction_id, given, place }: GivenValue): string => `${prediction_id} ${given} ${place}`;

/** A value without what is told of its prediction. */
const plain = ({ prediction_id, given, place, value, principal }: GivenValue): GivenValue => ({
  prediction_id,
  given,
  place,
  value,
  principal,
});
