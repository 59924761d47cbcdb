import { ClientGone, DeadlineExceeded, InvalidInput } from '../errors/errors.js';
import { NoFiniteAnswer } from '../runners/no-finite-answer.js';
import type { Call, CallTimes } from './prediction.js';
import type { Recorder } from './recorder.js';
import { wordless } from './wordless.js';

/** Answers each call of one model version once, and knows whether any is left. */
export class Answers {
  private open = 0;
  private whenNone: (() => void) | undefined;

  constructor(private readonly recorder: Recorder) {}

  /** Something is under way that `leave` ends: a call, or a run. */
  enter(): void {
    this.open++;
  }

  leave(): void {
    if (--this.open === 0) this.whenNone?.();
  }

  /** Resolves when nothing is under way. Nothing is submitted any more. */
  none(): Promise<void> {
    return new Promise((resolve) => {
      if (this.open === 0) resolve();
      else this.whenNone = resolve;
    });
  }

  /** Ends a call whose rows are recorded. */
  end({ reply }: Call, times: CallTimes): void {
    try {
      reply.end(times);
    } catch (fault) {
      reply.fail(fault);
    }
    this.leave();
  }

  /**
   * Ends a call of which nothing is recorded, and counts its rows as failed, unless the caller is why.
   * @param before rows of the call whose runs were done, where `error` is of a later run
   */
  fail(call: Call, error: unknown, before = 0): void {
    const { recorder } = this;
    if (error instanceof NoFiniteAnswer) {
      recorder.refuse();
      this.tell(call, overflow(call, before + error.row));
    } else if (error instanceof ClientGone || error instanceof DeadlineExceeded) {
      this.tell(call, error);
    } else {
      recorder.fail(call.rows.length);
      this.tell(call, recorder.hides ? wordless(error) : error);
    }
  }

  private tell({ reply }: Call, error: unknown): void {
    try {
      reply.fail(error);
    } catch (fault) {
      reply.fail(fault);
    }
    this.leave();
  }
}

/** Why a call is not worth a run any more; undefined: it is. `now` is on the monotonic clock, in milliseconds. */
export function endedBefore({ caller }: Call, now: number): ClientGone | DeadlineExceeded | undefined {
  if (caller.gone()) return new ClientGone();
  return now > caller.deadline ? new DeadlineExceeded() : undefined;
}

/** What tells a caller that the model has no answer to one of his rows, which is legal all the same. */
function overflow({ place }: Call, row: number): InvalidInput {
  const detail = 'the model overflows on these numbers and has no finite answer; send smaller ones';
  return new InvalidInput([place({ pointer: '', code: 'no_finite_answer', detail }, row)]);
}
