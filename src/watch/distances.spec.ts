import { distance, hasRisen } from './distances.js';

describe(distance.name, () => {
  it('is what the formulas say', () => {
    const found = distance([1_000, 2_000, 7_000], [90, 90, 120], 1);
    const noise = 1 / 10_000 + 1 / 300;
    expect(found.psi).toBeCloseTo(0.42882282718652254, 12);
    expect(found.excess).toBeCloseTo(0.42882282718652254 - 2 * noise, 12);
    // chi2(2, 0.99)
    expect(found.critical).toBeCloseTo(9.21034037197618 * noise, 12);
    // As scipy's jensenshannon(…, base=2).
    expect(found.jsDistance).toBeCloseTo(0.2736668758986993, 12);
  });

  it('is 0 between equal shares, and finite where bins are empty', () => {
    const same = distance([200, 300, 500], [20, 30, 50], 20);
    expect(same.psi).toBeCloseTo(0, 4);
    expect(same).toMatchObject({ excess: 0, jsDistance: 0 });
    const apart = distance([1_000, 0], [0, 1_000], 1);
    expect(apart.jsDistance).toBe(1);
    expect(apart.psi).toBeGreaterThan(10);
    expect(Number.isFinite(apart.psi)).toBe(true);
  });

  it('of a feature with one bin tells nothing', () => {
    expect(distance([5_000], [300], 3)).toEqual({ psi: 0, excess: 0, critical: 0, jsDistance: 0 });
  });
});

describe(hasRisen.name, () => {
  it('tells 1 % from 5 %, not from 1.5 %, nor from less', () => {
    expect(hasRisen(100, 10_000, 15, 300, 20)).toBe(true);
    expect(hasRisen(100, 10_000, 5, 300, 20)).toBe(false);
    expect(hasRisen(1_000, 10_000, 0, 300, 20)).toBe(false);
  });

  it('is not asked into where there is none at all, or nothing else', () => {
    expect(hasRisen(0, 10_000, 0, 300, 20)).toBe(false);
    expect(hasRisen(10_000, 10_000, 300, 300, 20)).toBe(false);
    expect(hasRisen(0, 10_000, 9, 300, 20)).toBe(true);
  });
});
