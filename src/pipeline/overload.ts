import { DeadlineExceeded, Overloaded } from '../errors/errors.js';
import type { ReturnLine } from '../errors/return-line.js';
import type { Call } from './prediction.js';

/** What is left of waiting where nothing waits: sums of fractions, and what is done within the turn. */
const NO_WAIT_SECONDS = 0.001;

/**
 * Refuses a call that is not likely to be answered within its deadline because of others that wait before it, or that would wait
 * for longer than is sensible. One that finds nobody before it is tried, however long it may take: what a run takes is an
 * estimate, and only runs correct it.
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
  if (wait <= NO_WAIT_SECONDS) return;
  if (wait > longest || accepted + (wait + own) * 1_000 > caller.deadline) {
    throw new Overloaded(line.seconds(own, wait, accepted));
  }
}
