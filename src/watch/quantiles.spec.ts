import { chiSquaredQuantile, normalQuantile } from './quantiles.js';

describe(chiSquaredQuantile.name, () => {
  // As scipy.stats.chi2.ppf has them.
  it.each([
    [1, 0.99, 6.6348966010212145],
    [2, 0.5, 1.386294361119891],
    [4, 0.9995, 19.99735499524785],
    [9, 0.99, 21.665994333461924],
    [9, 0.9995, 29.66580810359642],
    [49, 0.9995, 88.23052237795844],
    [199, 0.99999, 295.7837819208868],
  ])('%d degrees of freedom, %d', (freedom, share, expected) => {
    expect(chiSquaredQuantile(freedom, share)).toBeCloseTo(expected, 9);
  });
});

describe(normalQuantile.name, () => {
  it.each([
    [0.9, 1.2815515655446004],
    [0.99, 2.3263478740408408],
    [0.9995, 3.2905267314919255],
    [0.999999, 4.753424308817087],
  ])('%d', (share, expected) => {
    expect(normalQuantile(share)).toBeCloseTo(expected, 9);
  });
});
