import { StateConflict, StateFault } from './state-faults.js';
import { StateUnavailable } from './state-unavailable.js';

/** What a call to the state came to, as a thread or a process tells another; errors lose their class on the way. */
export type StateAnswer =
  { readonly result: unknown } | { readonly kind: 'fault' | 'conflict' | 'bug'; readonly message: string };

/** The answer that tells of an error. */
export function refusalOf(error: unknown): StateAnswer {
  const { message } = error as Error;
  if (error instanceof StateConflict) return { kind: 'conflict', message };
  const isFault = error instanceof StateFault || error instanceof StateUnavailable;
  return { kind: isFault ? 'fault' : 'bug', message };
}

/** The error that an answer tells of; undefined: it tells of none. */
export function errorIn(answer: StateAnswer): Error | undefined {
  if ('result' in answer) return undefined;
  if (answer.kind === 'conflict') return new StateConflict(answer.message);
  return answer.kind === 'fault' ? new StateFault(answer.message) : new Error(answer.message);
}
