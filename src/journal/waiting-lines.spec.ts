import { WaitingLines } from './waiting-lines.js';

describe(WaitingLines.name, () => {
  it('stands still when the disk has done nothing for five seconds, though it was asked to', () => {
    let now = 0;
    const waiting = new WaitingLines(() => now);
    now = 60_000;
    expect(waiting.isStill).toBe(false);
    waiting.add(10);
    now += 5_000;
    expect([waiting.isStill, waiting.isFull]).toEqual([false, false]);
    now += 1;
    expect([waiting.isStill, waiting.isFull]).toEqual([true, true]);
    waiting.add(10);
    waiting.remove(10);
    expect([waiting.isStill, waiting.isFull]).toEqual([false, false]);
    now += 5_001;
    expect(waiting.isStill).toBe(true);
    waiting.remove(10);
    expect(waiting.isStill).toBe(false);
  });

  it('is full with more than 16 MiB, whoever waits for how long', () => {
    const waiting = new WaitingLines(() => 0);
    waiting.add(16_777_216);
    expect(waiting.isFull).toBe(false);
    waiting.add(1);
    expect([waiting.isFull, waiting.isStill]).toEqual([true, false]);
    waiting.remove(1);
    expect(waiting.isFull).toBe(false);
  });
});
