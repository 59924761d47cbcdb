import { RecentDeaths } from './recent-deaths.js';

describe(RecentDeaths.name, () => {
  it('counts what is within a minute', () => {
    const deaths = new RecentDeaths();

    expect([0, 1_000, 4_000, 59_999, 60_000, 61_500].map((at) => deaths.add(at))).toEqual([1, 2, 3, 4, 4, 4]);
  });

  it('begins anew', () => {
    const deaths = new RecentDeaths();
    deaths.add(0);
    deaths.forget();

    expect(deaths.add(1)).toBe(1);
  });
});
