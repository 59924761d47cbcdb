import { PeriodicWork } from './periodic-work.js';

describe(PeriodicWork.name, () => {
  it('looks at each period, one at a time, until it is ended and the last look has', async () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    let looks = 0;
    const ends: (() => void)[] = [];
    const all = new PeriodicWork(() => {
      looks++;
      return new Promise((resolve) => ends.push(resolve));
    }, 1_000);
    all.begin();
    await vi.advanceTimersByTimeAsync(999);
    expect(looks).toBe(0);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(looks).toBe(1);
    const asked = [all.once(), all.once()];
    expect(looks).toBe(1);
    ends[0]!();
    await Promise.all(asked);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(looks).toBe(2);

    let hasEnded = false;
    const end = all.end().then(() => (hasEnded = true));
    await vi.advanceTimersByTimeAsync(5_000);
    expect([looks, hasEnded]).toEqual([2, false]);
    ends[1]!();
    await end;
  });
});
