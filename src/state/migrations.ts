import type { ColumnDefinitionBuilder, Kysely } from 'kysely';
import { type Migration, Migrator } from 'kysely/migration';
import { StateFault } from './state-faults.js';
import type { StateTables } from './tables.js';

const notNull = (column: ColumnDefinitionBuilder): ColumnDefinitionBuilder => column.notNull();

/** In order of name. A migration that has been released is never changed; the next one mends it. */
const MIGRATIONS: Readonly<Record<string, Migration>> = {
  '0001_jobs': {
    async up(db) {
      await db.schema
        .createTable('jobs')
        .addColumn('id', 'text', (column) => column.primaryKey().notNull())
        .addColumn('model', 'text', (column) => column.notNull())
        .addColumn('state', 'text', (column) => column.notNull())
        .addColumn('stage', 'text')
        .addColumn('progress', 'double precision')
        .addColumn('arguments', 'text', (column) => column.notNull())
        .addColumn('metrics', 'text', (column) => column.notNull())
        .addColumn('attempt', 'integer', (column) => column.notNull())
        .addColumn('version', 'text')
        .addColumn('announced', 'text')
        .addColumn('gate', 'text')
        .addColumn('error', 'text')
        .addColumn('created', 'bigint', (column) => column.notNull())
        .addColumn('started', 'bigint')
        .addColumn('finished', 'bigint')
        .addColumn('principal', 'text', (column) => column.notNull())
        .addColumn('trigger', 'text', (column) => column.notNull())
        .addColumn('key', 'text', (column) => column.notNull())
        .addColumn('runner', 'text')
        .addColumn('token', 'text')
        .addColumn('expires', 'bigint')
        .addColumn('cancelled', 'integer', (column) => column.notNull())
        .addColumn('revision', 'bigint', (column) => column.notNull())
        .addColumn('log', 'text', (column) => column.notNull())
        .execute();
      const index = (name: string, ...columns: string[]) =>
        db.schema.createIndex(name).on('jobs').columns(columns);
      await index('jobs_by_key', 'principal', 'model', 'key').unique().execute();
      await index('jobs_one_running', 'model').unique().where('state', '=', 'running').execute();
      await index('jobs_by_state', 'state', 'created').execute();
      await index('jobs_by_time', 'created').execute();
      await db.schema
        .createTable('trainables')
        .addColumn('model', 'text', (column) => column.primaryKey().notNull())
        .addColumn('schema', 'text', (column) => column.notNull())
        .addColumn('runner', 'text', (column) => column.notNull())
        .execute();
      await db.schema
        .createTable('marks')
        .addColumn('name', 'text', (column) => column.primaryKey().notNull())
        .addColumn('at', 'bigint', (column) => column.notNull())
        .execute();
      const marks = [
        { name: 'pulse', at: 0 },
        { name: 'queue', at: 0 },
      ];
      await db.insertInto('marks').values(marks).execute();
    },
  },
  '0002_gates': {
    async up(db) {
      const texts = ['model', 'version', 'sha256', 'champion', 'champion_sha256', 'verdict', 'report', 'job'];
      await texts
        .reduce(
          (table, name) => table.addColumn(name, 'text', (column) => column.notNull()),
          db.schema.createTable('gates'),
        )
        .addColumn('created', 'bigint', (column) => column.notNull())
        .execute();
      const pair = ['model', 'version', 'sha256', 'champion', 'champion_sha256'];
      await db.schema.createIndex('gates_of_pair').on('gates').columns(pair).unique().execute();
    },
  },
  '0003_feedback': {
    async up(db) {
      for (const name of ['feedback', 'pending_feedback']) {
        await db.schema
          .createTable(name)
          .addColumn('prediction_id', 'text', (column) => column.notNull())
          .addColumn('given', 'bigint', (column) => column.notNull())
          .addColumn('place', 'integer', (column) => column.notNull())
          .addColumn('value', 'text', (column) => column.notNull())
          .addColumn('principal', 'text')
          .execute();
        await db.schema.createIndex(`${name}_of_prediction`).on(name).column('prediction_id').execute();
      }
      await db.schema
        .createTable('labels')
        .addColumn('prediction_id', 'text', (column) => column.primaryKey().notNull())
        .addColumn('model', 'text', (column) => column.notNull())
        .addColumn('version', 'text', (column) => column.notNull())
        .addColumn('predicted', 'bigint', (column) => column.notNull())
        .addColumn('inputs', 'text', (column) => column.notNull())
        .addColumn('outputs', 'text', (column) => column.notNull())
        .addColumn('value', 'text', (column) => column.notNull())
        .addColumn('given', 'bigint', (column) => column.notNull())
        .addColumn('principal', 'text')
        .execute();
      const index = (name: string, table: string, ...columns: string[]) =>
        db.schema.createIndex(name).on(table).columns(columns).execute();
      await index('labels_of_model', 'labels', 'model', 'given', 'prediction_id');
      await index('labels_of_version', 'labels', 'model', 'version', 'given', 'prediction_id');
      await index('pending_feedback_by_time', 'pending_feedback', 'given', 'place', 'prediction_id');
      await db.insertInto('marks').values({ name: 'feedback', at: 0 }).execute();
    },
  },
  '0004_drift': {
    async up(db) {
      const version = ['model', 'version', 'baseline'] as const;
      const table = (
        name: string,
        key: readonly string[],
        texts: readonly string[],
        ...numbers: string[]
      ) => {
        const make = db.schema.createTable(name).addPrimaryKeyConstraint(`${name}_key`, [...key] as never);
        const withTexts = texts.reduce((each, text) => each.addColumn(text, 'text', notNull), make);
        return numbers.reduce((each, number) => each.addColumn(number, 'bigint', notNull), withTexts);
      };
      const ofWindow = [...version, 'seconds', 'start'];
      const times = ['seconds', 'start', 'until', 'rows'];
      await table('drift_windows', ofWindow, [...version, 'counts'], ...times).execute();
      await db.schema.createIndex('drift_windows_by_end').on('drift_windows').column('until').execute();
      const known = [...version, 'state', 'alarms'];
      await table('drift_detectors', version, known, 'revision', 'changed').execute();
      await db.schema
        .createIndex('drift_detectors_by_time')
        .on('drift_detectors')
        .column('changed')
        .execute();
      await table('drift_writers', ['writer'], ['writer'], 'write', 'at').execute();
    },
  },
};

/**
 * Makes the tables what this build needs; forward only, and under a lock where several servers share them.
 * @throws StateFault if a newer build has been here.
 */
export async function migrate(db: Kysely<StateTables>): Promise<void> {
  const migrator = new Migrator({ db, provider: { getMigrations: () => Promise.resolve(MIGRATIONS) } });
  const { error } = await migrator.migrateToLatest();
  if (error === undefined) return;
  if (!(error instanceof Error)) throw new TypeError('a migration has failed without an error');
  const [, unknown] = /previously executed migration (\S+) is missing/.exec(error.message) ?? [];
  if (unknown === undefined) throw error;
  throw new StateFault(
    `it was made by a newer Nestor (${unknown}); start that version again, or name another database`,
  );
}
