import type { Identity } from './identity.js';
import { type Given, Rates } from './rates.js';

const identity = (principal: string, rowsPerSecond?: number): Identity => ({
  principal,
  scopes: new Set(['predict']),
  models: undefined,
  rate: rowsPerSecond === undefined ? undefined : { rowsPerSecond, burst: 2 * rowsPerSecond },
});

describe(Rates.name, () => {
  it('keeps what a caller has asked for when its key is read anew, also with another rate', () => {
    const rates = new Rates(false, () => 0);
    rates.of(identity('a', 10))!.pay(15);
    expect(rates.of(identity('a', 10))!.left).toBe(5);
    expect(rates.of(identity('a', 100))!.left).toBe(5);
    expect(rates.of(identity('a', 1))!.left).toBe(2);
    expect(rates.of(identity('b', 10))!.left).toBe(20);
  });

  it('keeps nothing of a caller without a rate', () => {
    const rates = new Rates(false, () => 0);
    expect([rates.of(identity('a')), rates.size]).toEqual([null, 0]);
  });

  it('lets go of full buckets alone, so that memory is bounded and nobody gets a refill', () => {
    let now = 0;
    const rates = new Rates(false, () => now);
    rates.of(identity('in debt', 1))!.pay(1e6);
    for (let caller = 0; caller < 100_000; caller++) {
      rates.of(identity(`caller ${caller}`, 1))!.begin();
      now += 10;
    }
    expect(rates.size).toBeLessThan(3_000);
    expect(rates.of(identity('in debt', 1))!.left).toBeLessThan(-900_000);
  });
});

/** Workers whose counts reach the others every 100 ms, and their clock. */
function workers(count: number) {
  const clock = { ms: 0 };
  const all = Array.from({ length: count }, () => new Rates(true, () => clock.ms));
  const exchange = (): void => {
    const told = all.map((rates): [Rates, Given[]] => [rates, rates.tell()]);
    for (const [from, given] of told) for (const rates of all) if (rates !== from) rates.hear(given);
  };
  return { clock, all, exchange };
}

describe('rates that several workers keep', () => {
  const RATE = 300;
  const caller = identity('a', RATE);

  it.each([
    ['two workers alike', 2, (call: number) => call % 2],
    ['four workers alike', 4, (call: number) => call % 4],
    ['four workers, in turns of half a second', 4, (call: number) => Math.floor(call / 450) % 4],
    ['one of four workers', 4, () => 0],
    ['one of them most', 2, (call: number) => (call % 10 === 0 ? 1 : 0)],
  ])('hold within 5 %% over 10 s where %s are asked three times as much', (_, count, chosen) => {
    const { clock, all, exchange } = workers(count);
    let passed = 0;
    let call = 0;
    for (; clock.ms < 10_000; clock.ms++) {
      if (clock.ms % 100 === 99) exchange();
      for (; call < (clock.ms * 3 * RATE) / 1_000; call++)
        if (all[chosen(call)]!.of(caller)!.begin()) passed++;
    }
    expect(passed / (10 * RATE + 2 * RATE)).toBeGreaterThan(0.95);
    expect(passed / (10 * RATE + 2 * RATE)).toBeLessThan(1.05);
  });

  it('have the others pay for a batch that one has answered, and once', () => {
    const { all, exchange } = workers(3);
    const [first, second] = all.map((rates) => rates.of(caller)!);
    first!.begin();
    exchange();
    first!.pay(0);
    first!.pay(699);
    first!.pay(0);
    exchange();
    exchange();
    expect(all.map((rates) => rates.of(caller)!.left)).toEqual([-100, -100, -100]);
    expect(second!.begin()).toBe(false);
  });

  it('are known to one that starts later', () => {
    const { clock, all } = workers(1);
    all[0]!.of(caller)!.pay(700);
    all[0]!.of(identity('b', 1));
    clock.ms += 100;
    const later = new Rates(true, () => clock.ms);
    later.hear(all[0]!.spent());
    expect([later.of(caller)!.left, later.size, later.tell()]).toEqual([-70, 1, []]);
  });

  it('follow the key file of whoever read it last', () => {
    const { all, exchange } = workers(2);
    const [first, second] = all as [Rates, Rates];
    second.of(caller)!.pay(500);
    first.of(identity('a', 10))!.pay(10);
    exchange();
    expect(second.of(identity('a', 10))!.left).toBe(10);
    expect(first.of(identity('a', 10))!.policy).toBe(second.of(identity('a', 10))!.policy);
  });
});
