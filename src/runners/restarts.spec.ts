import { ProcessDeath } from './model-process.js';
import { Restarts } from './restarts.js';

const MINUTE = 60_000;

describe(Restarts.name, () => {
  const tryAgain = vi.fn<() => void>();
  let restarts: Restarts;

  beforeEach(() => {
    vi.useFakeTimers();
    tryAgain.mockReset();
    restarts = new Restarts(tryAgain);
  });
  afterEach(() => vi.useRealTimers());

  const die = (times: number, kind: ProcessDeath['kind'] = 'killed'): (number | undefined)[] =>
    Array.from({ length: times }, () => restarts.count(new ProcessDeath(kind, 'it was killed (SIGKILL)')));

  it('gives up at the fifth death within a minute, and says why', () => {
    expect(die(4)).toEqual([undefined, undefined, undefined, undefined]);
    expect(restarts.fault).toBeUndefined();
    expect(die(1)).toEqual([10_000]);
    expect(restarts.fault).toBe(
      'its processes ended 5 times within a minute, the last one because it was killed (SIGKILL)',
    );
    expect(restarts.deaths.get('killed')).toBe(5);
  });

  it('bears as many as there are where they are further apart, or are ended by deadlines', () => {
    for (let time = 0; time < 20; time++) {
      expect(die(1)).toEqual([undefined]);
      vi.advanceTimersByTime(MINUTE / 4);
    }
    expect(die(20, 'deadline').every((pause) => pause === undefined)).toBe(true);
    expect(restarts.fault).toBeUndefined();
    expect(restarts.deaths.get('deadline')).toBe(20);
  });

  it('bears as many as somebody kills while they work well, and no crash of those', () => {
    const dieProven = (kind: ProcessDeath['kind']): number | undefined =>
      restarts.count(new ProcessDeath(kind, 'it ended'), true);
    for (let time = 0; time < 20; time++) expect(dieProven('killed')).toBeUndefined();
    for (let time = 0; time < 4; time++) expect(dieProven('crashed')).toBeUndefined();
    expect(dieProven('memory')).toBe(10_000);
  });

  it('tries again after a pause, which is twice as long where that did not help, up to a minute', () => {
    const pauses = die(5).slice(4);
    for (let time = 0; time < 4; time++) {
      vi.advanceTimersByTime(pauses.at(-1)!);
      expect(tryAgain).toHaveBeenCalledTimes(time + 1);
      pauses.push(...die(1));
    }
    expect(pauses).toEqual([10_000, 20_000, 40_000, 60_000, 60_000]);
  });

  it('begins with a short pause again after a minute that was good', () => {
    die(5);
    vi.advanceTimersByTime(10_000);
    restarts.mend();
    expect(restarts.fault).toBeUndefined();
    vi.advanceTimersByTime(2 * MINUTE);
    expect(die(5)[4]).toBe(10_000);
    vi.advanceTimersByTime(10_000);
    restarts.mend();
    vi.advanceTimersByTime(MINUTE / 2);
    expect(die(5)[4]).toBe(20_000);
  });

  it('is in no second pause while it is in one, and in none when it is stopped', () => {
    expect(die(8).filter((pause) => pause !== undefined)).toHaveLength(1);
    restarts.stop();
    vi.advanceTimersByTime(10 * MINUTE);
    expect(tryAgain).not.toHaveBeenCalled();
  });
});
