import { DeathBudget } from './death-budget.js';

describe(DeathBudget.name, () => {
  it('is spent by the sixth death within a minute', () => {
    const budget = new DeathBudget();

    expect([0, 1, 2, 3, 4].map((second) => budget.isSpentBy(second * 1_000))).toEqual(Array(5).fill(false));
    expect(budget.isSpentBy(59_000)).toBe(true);
  });

  it('forgets what is older than a minute', () => {
    const budget = new DeathBudget();

    expect(Array.from({ length: 40 }, (_, nth) => budget.isSpentBy(nth * 12_001))).not.toContain(true);
  });
});
