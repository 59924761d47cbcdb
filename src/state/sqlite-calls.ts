import type { OperationName } from './operations.js';

/** What the thread of the database is asked. */
export interface SqliteCall {
  readonly id: number;
  readonly name: OperationName | 'open' | 'close';
  readonly parameters: unknown;
  readonly deadline: number;
}

/** What it answers; errors lose their class on the way. */
export type SqliteReply =
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly kind: 'fault' | 'conflict' | 'bug'; readonly message: string };
