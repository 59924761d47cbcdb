import type { Identity } from './identity.js';
import { Rates } from './rates.js';

const identity = (principal: string, rowsPerSecond?: number): Identity => ({
  principal,
  scopes: new Set(['predict']),
  models: undefined,
  rate: rowsPerSecond === undefined ? undefined : { rowsPerSecond, burst: 2 * rowsPerSecond },
});

describe(Rates.name, () => {
  it('keeps what a caller has asked for when its key is read anew, also with another rate', () => {
    const rates = new Rates(() => 0);
    rates.of(identity('a', 10))!.pay(15);
    expect(rates.of(identity('a', 10))!.left).toBe(5);
    expect(rates.of(identity('a', 100))!.left).toBe(5);
    expect(rates.of(identity('a', 1))!.left).toBe(2);
    expect(rates.of(identity('b', 10))!.left).toBe(20);
  });

  it('keeps nothing of a caller without a rate', () => {
    const rates = new Rates(() => 0);
    expect([rates.of(identity('a')), rates.size]).toEqual([null, 0]);
  });

  it('lets go of full buckets alone, so that memory is bounded and nobody gets a refill', () => {
    let now = 0;
    const rates = new Rates(() => now);
    rates.of(identity('in debt', 1))!.pay(1e6);
    for (let caller = 0; caller < 100_000; caller++) {
      rates.of(identity(`caller ${caller}`, 1))!.begin();
      now += 10;
    }
    expect(rates.size).toBeLessThan(3_000);
    expect(rates.of(identity('in debt', 1))!.left).toBeLessThan(-900_000);
  });
});
