import { Kysely, PostgresDialect } from 'kysely';
import { Pool, types } from 'pg';
import { migrate } from './migrations.js';
import { type Arguments, operate, type OperationName, type Result } from './operations.js';
import type { StateEngine } from './state-engine.js';
import { StateConflict, StateFault } from './state-faults.js';
import type { StateTables } from './tables.js';

const CONNECTIONS = 4;
const TIMEOUT_MS = 900;
/** Nobody waits for it to be opened, and another process may be about to make the tables. */
const PATIENCE_MS = 5 * TIMEOUT_MS;
const UNIQUE_VIOLATION = '23505';
/** Numbers of 64 bits, such as times and counts, come as texts unless they are read; all of ours are below 2^53. */
const BIGINT = 20;

/** PostgreSQL, for several servers that share one state. */
export class PostgresEngine implements StateEngine {
  readonly name: string;
  private db: Kysely<StateTables> | undefined;

  constructor(private readonly url: string) {
    const { host, pathname } = new URL(url);
    this.name = `postgres://${host}${pathname}`;
  }

  async open(): Promise<void> {
    // Connections of before may wait for answers that never come.
    letGo(this.db);
    this.db = connected(this.url, PATIENCE_MS);
    await this.within(async (db) => {
      await migrate(db);
      await operate(db, 'pulse', { now: Date.now() });
    });
    letGo(this.db);
    this.db = connected(this.url, TIMEOUT_MS);
  }

  run<N extends OperationName>(name: N, parameters: Arguments<N>): Promise<Result<N>> {
    const kept = keepable(parameters);
    return this.within((db) => db.transaction().execute((inner) => operate(inner, name, kept)));
  }

  async close(): Promise<void> {
    const { db } = this;
    this.db = undefined;
    const patience = new Promise((resolve) => setTimeout(resolve, TIMEOUT_MS).unref());
    await Promise.race([db?.destroy().catch(() => {}), patience]);
  }

  private async within<T>(work: (db: Kysely<StateTables>) => Promise<T>): Promise<T> {
    if (this.db === undefined) throw new StateFault('it is not connected');
    try {
      return await work(this.db);
    } catch (error) {
      if ([TypeError, StateFault, StateConflict].some((known) => error instanceof known)) throw error;
      const { code, message } = error as Error & { code?: string };
      if (code === UNIQUE_VIOLATION) throw new StateConflict(message);
      throw new StateFault(message || String(code));
    }
  }
}

/**
 * PostgreSQL takes no text with the character 0, and the log of a training may have one: U+FFFD stands there for it. Whoever
 * asks for such a text finds nothing.
 */
function keepable<T>(value: T): T {
  if (typeof value === 'string') return value.replaceAll('\0', '\uFFFD') as T;
  if (Array.isArray(value)) return value.map(keepable) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, keepable(each)])) as T;
}

/** Ends its connections when nobody uses them any more. */
function letGo(db: Kysely<StateTables> | undefined): void {
  void db?.destroy().catch(() => {});
}

/** @param statementMs for so long a statement may wait for others */
function connected(url: string, statementMs: number): Kysely<StateTables> {
  const pool = new Pool({
    connectionString: url,
    max: CONNECTIONS,
    connectionTimeoutMillis: TIMEOUT_MS,
    statement_timeout: statementMs,
    // For a server that does not even say so. A shorter one would take a start that holds this process for its silence.
    query_timeout: PATIENCE_MS,
    // What a server that is gone has begun must not hold others up.
    idle_in_transaction_session_timeout: PATIENCE_MS,
    application_name: 'nestor',
    types: {
      getTypeParser: (type: number, format?: 'text' | 'binary') =>
        type === BIGINT ? Number : (types.getTypeParser(type, format) as (text: string) => unknown),
    },
  });
  // Whoever uses a connection hears by his query that it has ended; told to nobody, it would end the process.
  pool.on('error', () => {});
  pool.on('connect', (client) => client.on('error', () => {}));
  return new Kysely<StateTables>({ dialect: new PostgresDialect({ pool }) });
}
