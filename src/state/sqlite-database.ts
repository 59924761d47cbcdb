import { DatabaseSync, type SQLInputValue } from 'node:sqlite';
import { Kysely, SqliteDialect, type SqliteDatabase } from 'kysely';
import { migrate } from './migrations.js';
import { StateConflict, StateFault } from './state-faults.js';
import type { StateTables } from './tables.js';

/** SQLITE_BUSY: another process holds the file. */
const BUSY = 5;
/** SQLITE_CONSTRAINT_UNIQUE and SQLITE_CONSTRAINT_PRIMARYKEY. */
const TAKEN = [2_067, 1_555];

/** An open file, and the queries over it. */
export interface OpenSqlite {
  readonly file: DatabaseSync;
  readonly db: Kysely<StateTables>;
}

/**
 * Opens the file for this process alone, makes it if it is missing, and migrates it. What is committed outlives a crash of
 * the machine.
 * @throws StateFault
 */
export async function openSqlite(path: string): Promise<OpenSqlite> {
  const file = opened(path);
  try {
    const db = new Kysely<StateTables>({ dialect: new SqliteDialect({ database: driven(file) }) });
    file.exec('begin immediate');
    await migrate(db);
    file.exec('commit');
    return { file, db };
  } catch (error) {
    file.close();
    throw toFault(error);
  }
}

function opened(path: string): DatabaseSync {
  let file: DatabaseSync | undefined;
  try {
    file = new DatabaseSync(path, { timeout: 0 });
    // Exclusive before the first access: with WAL no second process can open it then, and a kill gives it back.
    file.exec('pragma locking_mode = exclusive; pragma journal_mode = wal; pragma synchronous = full');
    // What is deleted is overwritten, and not only free: of an erased record nothing is to be left here.
    file.exec('pragma secure_delete = on');
    file.exec('begin immediate; commit');
    return file;
  } catch (error) {
    file?.close();
    throw toFault(error);
  }
}

/** `node:sqlite` as Kysely's SQLite dialect takes its driver. */
function driven(file: DatabaseSync): SqliteDatabase {
  return {
    close: () => file.close(),
    prepare: (sql) => {
      const statement = file.prepare(sql);
      const bound = (parameters: readonly unknown[]): SQLInputValue[] => parameters as SQLInputValue[];
      return {
        reader: statement.columns().length > 0,
        all: (parameters) => statement.all(...bound(parameters)),
        run: (parameters) => statement.run(...bound(parameters)),
        iterate: (parameters) => statement.iterate(...bound(parameters)),
      };
    },
  };
}

/** What SQLite says, in the words of the engines; other errors are faults of the code and stay as they are. */
export function toFault(error: unknown): unknown {
  const { code, errcode = 0, message } = error as Error & { code?: string; errcode?: number };
  if (code !== 'ERR_SQLITE_ERROR') return error;
  if (TAKEN.includes(errcode)) return new StateConflict(message);
  return new StateFault(
    errcode === BUSY
      ? 'another process holds it; stop that one, or give this one a STATE_DIR of its own'
      : message,
  );
}
