import type { OperationName } from './operations.js';
import type { StateAnswer } from './state-answer.js';

/** What the thread of the database is asked. */
export interface SqliteCall {
  readonly id: number;
  readonly name: OperationName | 'open' | 'close';
  readonly parameters: unknown;
  readonly deadline: number;
}

/** What it answers. */
export type SqliteReply = StateAnswer & { readonly id: number };
