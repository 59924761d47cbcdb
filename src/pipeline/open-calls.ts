import { type Answers, endedBefore } from './answers.js';
import type { WaitingCall } from './waiting-call.js';

/** How often it is looked who waits in vain, while somebody waits. */
const SWEEP_MS = 20;

/** Calls that have not been answered and are not being recorded: whoever of them waits in vain is answered at once. */
export class OpenCalls {
  private readonly calls = new Set<WaitingCall>();
  private sweeping: NodeJS.Timeout | undefined;

  /** `forget` is told of each call that is open no more. */
  constructor(
    private readonly answers: Answers,
    private readonly forget: (waiting: WaitingCall) => void,
  ) {}

  add(waiting: WaitingCall): void {
    this.calls.add(waiting);
    this.sweeping ??= setInterval(() => this.sweep(), SWEEP_MS);
  }

  has(waiting: WaitingCall): boolean {
    return this.calls.has(waiting);
  }

  /** Takes a call out that is answered elsewhere. @returns whether it was open until now */
  end(waiting: WaitingCall): boolean {
    if (!this.calls.delete(waiting)) return false;
    this.forget(waiting);
    if (this.calls.size === 0) {
      clearInterval(this.sweeping);
      this.sweeping = undefined;
    }
    return true;
  }

  /** Answers a call by an error of a run, whose first row is its row `first`. */
  fail(waiting: WaitingCall, error: unknown, first = 0): void {
    if (this.end(waiting)) this.answers.fail(waiting.call, error, first);
  }

  /** Answers a call whose caller has gone, or whose deadline has passed. */
  failIfInVain(waiting: WaitingCall, now: number): void {
    const end = endedBefore(waiting.call, now);
    if (end !== undefined) this.fail(waiting, end);
  }

  private sweep(): void {
    const now = performance.now();
    for (const waiting of this.calls) this.failIfInVain(waiting, now);
  }
}
