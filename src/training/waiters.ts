import { WaitersBusy } from './job-errors.js';

/** Those who wait for news of a subject; what another server has changed is no news here, so nobody waits long. */
export class Waiters {
  private readonly waiting = new Map<string, Set<() => void>>();
  private entered = 0;
  private isClosed = false;

  constructor(private readonly most: number) {}

  /** Lets `work` wait again and again, as one of those who may. @throws WaitersBusy at once. */
  async enter<T>(work: () => Promise<T>): Promise<T> {
    this.assertRoom();
    this.entered++;
    try {
      return await work();
    } finally {
      this.entered--;
    }
  }

  /** @throws WaitersBusy if as many wait as may. */
  assertRoom(): void {
    if (this.entered >= this.most) throw new WaitersBusy(this.most);
  }

  /** Nobody waits any more. */
  get hasClosed(): boolean {
    return this.isClosed;
  }

  /** Resolves at the next news of `subject`, after so many milliseconds, or when all is over. */
  next(subject: string, milliseconds: number): Promise<void> {
    if (this.isClosed) return Promise.resolve();
    return new Promise((resolve) => {
      const ofSubject = this.waiting.get(subject) ?? new Set();
      this.waiting.set(subject, ofSubject);
      const wake = (): void => {
        clearTimeout(timer);
        ofSubject.delete(wake);
        if (ofSubject.size === 0 && this.waiting.get(subject) === ofSubject) this.waiting.delete(subject);
        resolve();
      };
      const timer = setTimeout(wake, milliseconds);
      ofSubject.add(wake);
    });
  }

  tell(subject: string): void {
    for (const wake of this.waiting.get(subject) ?? []) wake();
  }

  close(): void {
    this.isClosed = true;
    for (const subject of this.waiting.keys()) this.tell(subject);
  }
}
