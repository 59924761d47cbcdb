import type { Kysely } from 'kysely';
import { StateConflict } from './state-faults.js';
import type { CountedSlot, StoredDetectors, StoredWindow, WatchedVersion } from './stored-drift.js';
import type { StateTables } from './tables.js';

type Db = Kysely<StateTables>;

/** What one version has counted, and what its detectors know now. */
export interface Addition extends WatchedVersion {
  readonly slots: readonly CountedSlot[];
  readonly detectors: StoredDetectors;
}

/** Who writes, and the how many-th time. */
export interface Write {
  readonly writer: string;
  readonly write: number;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/**
 * Adds counts to windows and puts detectors in the place of their revision before: all of it or nothing. A window that holds
 * fewer than `leastRows` goes on when its time is over. A write is known again, because its answer may not have come.
 * @throws StateConflict if somebody was faster with the detectors of a version
 */
export async function addCounts(
  db: Db,
  parameters: { by: Write; additions: readonly Addition[]; leastRows: number },
): Promise<'added' | 'known'> {
  const { by, additions, leastRows } = parameters;
  const { numInsertedOrUpdatedRows } = await db
    .insertInto('drift_writers')
    .values(by)
    .onConflict((conflict) =>
      conflict
        .column('writer')
        .doUpdateSet({ write: by.write, at: by.at })
        .where('drift_writers.write', '<', by.write),
    )
    .executeTakeFirstOrThrow();
  if (numInsertedOrUpdatedRows === 0n) return 'known';
  for (const { slots, detectors, ...version } of additions) {
    // First, as its lock holds for all that there is of the version: of two servers one adds after the other.
    await putDetectors(db, version, detectors, by.at);
    for (const slot of slots) await addToWindow(db, version, slot, leastRows);
  }
  return 'added';
}

async function putDetectors(
  db: Db,
  version: WatchedVersion,
  detectors: StoredDetectors,
  changed: number,
): Promise<void> {
  if (detectors.revision === 1) {
    await db
      .insertInto('drift_detectors')
      .values({ ...version, ...detectors, changed })
      .execute();
    return;
  }
  const { numUpdatedRows } = await db
    .updateTable('drift_detectors')
    .set({ ...detectors, changed })
    .where((is) => is.and({ ...version, revision: detectors.revision - 1 }))
    .executeTakeFirst();
  if (numUpdatedRows !== 1n) throw new StateConflict('somebody was faster with the detectors');
}

async function addToWindow(
  db: Db,
  version: WatchedVersion,
  { counts, ...slot }: CountedSlot,
  leastRows: number,
): Promise<void> {
  const { seconds, start, rows } = slot;
  const until = start + seconds * 1_000;
  const last = await db
    .selectFrom('drift_windows')
    .select(['start', 'until', 'rows', 'counts'])
    .where((is) => is.and({ ...version, seconds }))
    .where('start', '<=', start)
    .orderBy('start', 'desc')
    .limit(1)
    .executeTakeFirst();
  if (last === undefined || (start >= last.until && last.rows >= leastRows)) {
    await db
      .insertInto('drift_windows')
      .values({ ...version, ...slot, until, counts: JSON.stringify(counts) })
      .execute();
    return;
  }
  const sums = (JSON.parse(last.counts) as number[]).map((count, cell) => count + counts[cell]!);
  await db
    .updateTable('drift_windows')
    .set({ until: Math.max(last.until, until), rows: last.rows + rows, counts: JSON.stringify(sums) })
    .where((is) => is.and({ ...version, seconds, start: last.start }))
    .execute();
}

/** What the detectors of some versions know; those that know nothing yet are left out. */
export async function detectorsOf(
  db: Db,
  { versions }: { versions: readonly WatchedVersion[] },
): Promise<(WatchedVersion & StoredDetectors)[]> {
  const found: (WatchedVersion & StoredDetectors)[] = [];
  for (const { model, version, baseline } of versions) {
    const one = await db
      .selectFrom('drift_detectors')
      .select(['model', 'version', 'baseline', 'revision', 'state', 'alarms'])
      .where((is) => is.and({ model, version, baseline }))
      .executeTakeFirst();
    if (one !== undefined) found.push(one);
  }
  return found;
}

/** The last windows of a version by their length, newest first, and the alarms of its detectors as JSON. */
export async function driftOf(
  db: Db,
  { lengths, ...version }: WatchedVersion & { lengths: readonly { seconds: number; most: number }[] },
): Promise<{ windows: StoredWindow[]; alarms: string }> {
  const windows: StoredWindow[] = [];
  for (const { seconds, most } of lengths) {
    const some = await db
      .selectFrom('drift_windows')
      .select(['seconds', 'start', 'until', 'rows', 'counts'])
      .where((is) => is.and({ ...version, seconds }))
      .orderBy('start', 'desc')
      .limit(most)
      .execute();
    windows.push(...some);
  }
  const detectors = await db
    .selectFrom('drift_detectors')
    .select('alarms')
    .where((is) => is.and(version))
    .executeTakeFirst();
  return { windows, alarms: detectors?.alarms ?? '{}' };
}

/** The versions of which something was counted since a time. */
export async function countedSince(db: Db, { since }: { since: number }): Promise<WatchedVersion[]> {
  return await db
    .selectFrom('drift_detectors')
    .select(['model', 'version', 'baseline'])
    .where('changed', '>=', since)
    .execute();
}

/** Forgets windows that were over before a time, those of `seconds` and what belongs to nobody any more before another. */
export async function pruneDrift(
  db: Db,
  { before, seconds, longBefore }: { before: number; seconds: number; longBefore: number },
): Promise<void> {
  await db.deleteFrom('drift_windows').where('seconds', '!=', seconds).where('until', '<', before).execute();
  await db.deleteFrom('drift_windows').where('until', '<', longBefore).execute();
  await db.deleteFrom('drift_writers').where('at', '<', before).execute();
  await db.deleteFrom('drift_detectors').where('changed', '<', longBefore).execute();
}
