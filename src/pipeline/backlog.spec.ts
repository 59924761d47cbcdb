import { Backlog } from './backlog.js';

const SMALL = 300;
const LARGE = 1_000_000;

function setUp() {
  const clock = { now: 0 };
  return { clock, backlog: new Backlog(() => clock.now) };
}

describe(Backlog.name, () => {
  it('lets large calls wait for all work, and small ones for that of the small', () => {
    const { backlog } = setUp();
    backlog.add(1, false);
    backlog.add(4, true);

    expect([backlog.seconds(SMALL), backlog.seconds(LARGE)]).toEqual([1, 5]);
  });

  it('multiplies by what work really takes while more of it waits', () => {
    const { backlog, clock } = setUp();
    backlog.add(10, false);
    for (let run = 0; run < 50; run++) {
      backlog.take(0.1, false);
      clock.now += 250;
    }

    expect(backlog.seconds(SMALL) / 5).toBeCloseTo(2.5, 1);
  });

  it('learns nothing from the time in which nothing waits', () => {
    const { backlog, clock } = setUp();
    for (let run = 0; run < 5; run++) {
      backlog.add(0.1, false);
      backlog.take(0.1, false);
      clock.now += 5_000;
    }
    backlog.add(0.1, false);

    expect(backlog.seconds(SMALL)).toBeCloseTo(0.1);
  });

  it('forgets what was long ago', () => {
    const { backlog, clock } = setUp();
    const run = (milliseconds: number, times: number): void => {
      for (let done = 0; done < times; done++) {
        backlog.add(1, false);
        backlog.take(0.5, false);
        clock.now += milliseconds;
        backlog.take(0.5, false);
      }
    };
    run(5_000, 20);
    run(500, 20);
    backlog.add(1, false);

    expect(backlog.seconds(SMALL)).toBeCloseTo(1, 1);
  });

  it('does not take a process that stood still for slow work', () => {
    const { backlog, clock } = setUp();
    // 2,000 rows a second at 10 µs each, which wait while the process is stopped for two seconds.
    backlog.add(0.04, false);
    for (let run = 0; run < 31; run++) {
      backlog.take(0.001, false);
      clock.now += run === 15 ? 2_000 : 1;
    }

    expect(backlog.seconds(SMALL)).toBeLessThan(0.1);
  });

  it('does not take a server that has just begun, and does all for the first time, for a slow one', () => {
    const { backlog, clock } = setUp();
    // 32 rows at 30 µs each; the first runs, replies and records take 20 ms.
    backlog.add(0.001, false);
    for (let run = 0; run < 3; run++) {
      backlog.take(0.000_03, false);
      clock.now += 20;
    }

    expect(backlog.seconds(SMALL)).toBeLessThan(0.01);
  });

  it('never takes less than the work itself', () => {
    const { backlog } = setUp();
    backlog.add(1, false);
    for (let run = 0; run < 5; run++) backlog.take(0.1, false);

    expect(backlog.seconds(SMALL)).toBeCloseTo(0.5);
  });
});
