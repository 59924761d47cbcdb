import type { CallTimes } from '../pipeline/prediction.js';

/** Thousandths by their number: to write a fraction costs several times as much as two whole numbers. */
const THOUSANDTHS = Array.from({ length: 1_000 }, (_, number) => `.${String(number).padStart(3, '0')}`);

/** The value of the header `Server-Timing`: where a prediction spent `totalMs` since its request came in. */
export function serverTiming({ queue, run, record }: CallTimes, totalMs: number): string {
  return `queue;dur=${text(queue * 1e6)}, run;dur=${text(run * 1e6)}, record;dur=${text(record * 1e6)}, total;dur=${text(totalMs * 1e3)}`;
}

/** Milliseconds with three decimals. */
function text(microseconds: number): string {
  const whole = Math.round(microseconds);
  return Math.floor(whole / 1_000) + THOUSANDTHS[whole % 1_000]!;
}
