import { DeadlineExceeded, Overloaded } from '../errors/errors.js';
import { isInTime } from '../errors/in-time.js';
import type { ReturnLine } from '../errors/return-line.js';
import type { Call } from './prediction.js';

/**
 * Refuses a call that is not likely to be answered within its deadline because of others that wait before it, or that would wait
 * for longer than is sensible.
 * @param wait seconds of work before it
 * @param own seconds of its own runs
 * @param longest seconds that it may wait
 * @throws DeadlineExceeded if it has come too late already; Overloaded with a time of its own in the line of those who are refused
 */
export function assertInTime(
  { accepted, caller }: Call,
  wait: number,
  own: number,
  line: ReturnLine,
  longest = Infinity,
): void {
  if (accepted > caller.deadline) throw new DeadlineExceeded();
  const isSensible = wait <= longest && isInTime(wait, own, (caller.deadline - accepted) / 1_000);
  if (!isSensible) throw new Overloaded(line.seconds(own, wait, accepted));
}
