import { DeadlineExceeded } from '../errors/errors.js';
import type { Ran, TensorData } from './graph.js';

/** The longest that a timer can wait; who waits longer needs none. */
const LONGEST_MS = 2 ** 31 - 1;

/** A run that waits for a process, or is under way in one. It is answered once. */
export class ProcessRun {
  private readonly promise = Promise.withResolvers<Ran>();
  readonly answered = this.promise.promise;
  /** Whether a process has ended under it, so that it is tried for the second time. */
  isRetried = false;
  isAnswered = false;
  private readonly timer: NodeJS.Timeout | undefined;

  /** `onLate` is called when `deadline` (milliseconds, monotonic) passes before there is an answer, and it has been refused. */
  constructor(
    readonly tensors: readonly TensorData[],
    readonly deadline: number,
    onLate: (run: ProcessRun) => void,
  ) {
    const left = deadline - performance.now();
    if (left > LONGEST_MS) return;
    this.timer = setTimeout(
      () => {
        this.refuse(new DeadlineExceeded());
        onLate(this);
      },
      Math.max(0, left),
    );
  }

  /** Gives the outputs to who asked, unless they come too late. */
  answer(ran: Ran): void {
    this.end();
    this.promise.resolve(ran);
  }

  /** Tells who asked why there are no outputs. */
  refuse(error: Error): void {
    this.end();
    this.promise.reject(error);
  }

  private end(): void {
    this.isAnswered = true;
    clearTimeout(this.timer);
  }
}
