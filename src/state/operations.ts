import type { Kysely } from 'kysely';
import * as feedback from './feedback-operations.js';
import * as drift from './drift-operations.js';
import * as gates from './gate-operations.js';
import * as jobs from './job-operations.js';
import * as labels from './label-operations.js';
import * as pending from './pending-operations.js';
import type { StateTables } from './tables.js';
import * as trainables from './trainable-operations.js';

/** Writes, so that an answer means that writing works. */
async function pulse(db: Kysely<StateTables>, { now }: { now: number }): Promise<void> {
  await db.updateTable('marks').set({ at: now }).where('name', '=', 'pulse').execute();
}

/** All that can be done with the state. Parameters and results are plain values: they may go to a thread and back. */
export const OPERATIONS = {
  pulse,
  ...jobs,
  ...gates,
  ...feedback,
  ...pending,
  ...labels,
  ...trainables,
  ...drift,
};

type Operations = typeof OPERATIONS;
export type OperationName = keyof Operations;
export type Arguments<N extends OperationName> = Parameters<Operations[N]>[1];
export type Result<N extends OperationName> = Awaited<ReturnType<Operations[N]>>;

/** Does one of them, by its name, in the transaction of `db`. */
export function operate<N extends OperationName>(
  db: Kysely<StateTables>,
  name: N,
  parameters: Arguments<N>,
): Promise<Result<N>> {
  const operation = OPERATIONS[name] as (
    db: Kysely<StateTables>,
    parameters: Arguments<N>,
  ) => Promise<Result<N>>;
  return operation(db, parameters);
}
