import { ClientGone, DeadlineExceeded } from '../errors/errors.js';
import type { Ran, TensorData } from './graph.js';

/** A run that waits for a process, or is under way in one. It is answered once. */
export class ProcessRun {
  private readonly promise = Promise.withResolvers<Ran>();
  readonly answered = this.promise.promise;
  /** Whether a process has ended under it, so that it is tried for the second time. */
  isRetried = false;
  isAnswered = false;
  private readonly timer: NodeJS.Timeout | undefined;

  /**
   * `onLeft` is called when `deadline` (milliseconds, monotonic) passes before there is an answer, or `abandoned` aborts: it has
   * been refused then.
   */
  constructor(
    readonly tensors: readonly TensorData[],
    readonly deadline: number,
    abandoned: AbortSignal | undefined,
    private readonly onLeft: (run: ProcessRun) => void,
  ) {
    abandoned?.addEventListener('abort', () => this.leave(new ClientGone()), { once: true });
    if (deadline === Infinity) return;
    const left = Math.max(0, deadline - performance.now());
    this.timer = setTimeout(() => this.leave(new DeadlineExceeded()), left);
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

  private leave(reason: Error): void {
    if (this.isAnswered) return;
    this.refuse(reason);
    this.onLeft(this);
  }

  private end(): void {
    this.isAnswered = true;
    clearTimeout(this.timer);
  }
}
