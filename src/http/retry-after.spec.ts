import { RetryAfter } from './retry-after.js';

const MIDDLE = (): number => 0.5;

describe(RetryAfter.name, () => {
  it('tells whole seconds, one at least', () => {
    expect(new RetryAfter(MIDDLE).seconds(100, 0, 0)).toBe(1);
  });

  it('tells when the work that waits will be done', () => {
    expect(new RetryAfter(MIDDLE).seconds(100, 6.5, 0)).toBe(7);
  });

  it('lines the refused up at the pace of what is given back', () => {
    const retry = new RetryAfter(MIDDLE);
    retry.seconds(1_000, 0, 0);
    retry.giveBack(2_000);

    expect([1, 2, 3, 4, 5, 6].map(() => retry.seconds(1_000, 0, 1_000))).toEqual([1, 1, 2, 2, 3, 3]);
  });

  it('moves the line up as time goes by', () => {
    const retry = new RetryAfter(MIDDLE);
    retry.seconds(1_000, 0, 0);
    retry.giveBack(1_000);
    for (let caller = 0; caller < 10; caller++) retry.seconds(1_000, 0, 1_000);

    expect(retry.seconds(1_000, 0, 1_500)).toBe(11);
    expect(retry.seconds(1_000, 0, 1_900)).toBe(12);
  });

  it('sends nobody away for more than half a minute', () => {
    const retry = new RetryAfter(MIDDLE);
    retry.seconds(1, 0, 0);
    retry.giveBack(1);

    expect(retry.seconds(1_000_000, 100, 1_000)).toBe(30);
  });

  it('does not use a pace that was measured long ago', () => {
    const retry = new RetryAfter(MIDDLE);
    retry.seconds(1_000, 0, 0);
    retry.giveBack(1);
    retry.seconds(1_000, 0, 1_000);

    expect(retry.seconds(1_000, 0, 60_000)).toBe(1);
  });

  it('spreads callers that are told the same', () => {
    const draws = [0, 0.999];
    const retry = new RetryAfter(() => draws.shift()!);

    expect([retry.seconds(1, 8, 0), retry.seconds(1, 8, 0)]).toEqual([6, 10]);
  });
});
