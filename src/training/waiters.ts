import type { Siblings } from '../channel/siblings.js';
import { WaitersBusy } from './job-errors.js';

/**
 * Those who wait for news of a subject, in whichever worker it is told. What another server has changed is no news here, so
 * nobody waits long.
 */
export class Waiters {
  private readonly waiting = new Map<string, Set<() => void>>();
  private entered = 0;
  private isClosed = false;

  /**
   * @param most that may wait here
   * @param news names it among what workers tell each other
   */
  constructor(
    private readonly most: number,
    private readonly news: string,
    private readonly siblings: Pick<Siblings, 'on' | 'pass'>,
  ) {
    siblings.on(news, (subject: string) => this.wake(subject));
  }

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
    this.wake(subject);
    void this.siblings.pass(this.news, subject);
  }

  close(): void {
    this.isClosed = true;
    for (const subject of this.waiting.keys()) this.wake(subject);
  }

  private wake(subject: string): void {
    for (const wake of this.waiting.get(subject) ?? []) wake();
  }
}
