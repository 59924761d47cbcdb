import { twoWorkers } from '../../test/support/two-workers.js';
import { WaitersBusy } from './job-errors.js';
import { Waiters } from './waiters.js';

const LONG_MS = 60_000;

describe(Waiters.name, () => {
  it('wakes those who wait for a subject, once, and nobody else', async () => {
    const waiters = new Waiters(9, 'news', twoWorkers()[0]);
    const woken: string[] = [];
    const wait = (subject: string): void =>
      void waiters.next(subject, LONG_MS).then(() => woken.push(subject));
    for (const subject of ['a', 'a', 'b']) wait(subject);
    waiters.tell('a');
    waiters.tell('a');
    waiters.tell('nobody');
    await Promise.resolve();
    expect(woken).toEqual(['a', 'a']);
    waiters.close();
    await Promise.resolve();
    expect(woken).toEqual(['a', 'a', 'b']);
    expect(waiters.hasClosed).toBe(true);
    await waiters.next('a', LONG_MS);
  });

  it('wakes those who wait in another worker too', async () => {
    const [here, there] = twoWorkers();
    const waiters = new Waiters(9, 'news', here);
    const others = new Waiters(9, 'news', there);
    const woken = others.next('a', LONG_MS);
    waiters.tell('a');
    await woken;

    // Who ends says nothing of it to others.
    let isWoken = false;
    void others.next('b', 100).then(() => (isWoken = true));
    void waiters.next('b', LONG_MS);
    waiters.close();
    await new Promise(setImmediate);
    expect(isWoken).toBe(false);
  });

  it('lets nobody wait longer than was asked', async () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const waiters = new Waiters(9, 'news', twoWorkers()[0]);
    let isOver = false;
    void waiters.next('a', 500).then(() => (isOver = true));
    await vi.advanceTimersByTimeAsync(499);
    expect(isOver).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(isOver).toBe(true);
  });

  it('has room for so many at once, whether their work ends well or not', async () => {
    const waiters = new Waiters(2, 'news', twoWorkers()[0]);
    const works = ['kept', 'failed'].map((subject) =>
      waiters.enter(async () => {
        await waiters.next(subject, LONG_MS);
        if (subject === 'failed') throw new Error('it failed');
      }),
    );
    expect(() => waiters.assertRoom()).toThrow(WaitersBusy);
    await expect(waiters.enter(() => Promise.resolve())).rejects.toThrow(WaitersBusy);
    waiters.close();
    expect((await Promise.allSettled(works)).map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
    expect(await waiters.enter(() => Promise.resolve('work'))).toBe('work');
  });
});
