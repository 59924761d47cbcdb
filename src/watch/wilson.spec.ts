import { wilson } from './wilson.js';

describe(wilson.name, () => {
  // As statsmodels' proportion_confint(method='wilson') has them.
  it.each([
    [0, 10, 0, 0.2775327998628899],
    [119, 154, 0.7003768085288128, 0.8318027634771893],
    [30, 30, 0.8864866068260312, 1],
  ])('%d of %d', (hits, rows, low, high) => {
    const found = wilson(hits, rows);
    expect(found.low).toBeCloseTo(low, 9);
    expect(found.high).toBeCloseTo(high, 9);
  });
});
