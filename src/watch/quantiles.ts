/** Where the integrals below are as exact as they get. */
const PRECISION = 1e-14;
const MOST_TERMS = 10_000;

/** What was asked before: the same few are asked for each feature of each window. */
const known = new Map<string, number>();
const MOST_KNOWN = 10_000;

/**
 * The number below which a chi-squared variable lies with probability `share`.
 * @param freedom degrees of freedom, above 0
 * @param share within (0, 1)
 */
export function chiSquaredQuantile(freedom: number, share: number): number {
  const asked = `${freedom} ${share}`;
  let quantile = known.get(asked);
  if (quantile === undefined) {
    quantile = inverse((x) => gammaShare(freedom / 2, x / 2), share, freedom);
    if (known.size === MOST_KNOWN) known.clear();
    known.set(asked, quantile);
  }
  return quantile;
}

/** The number below which a standard normal variable lies with probability `share`, within (0.5, 1). */
export function normalQuantile(share: number): number {
  // Its square is chi-squared with one degree of freedom.
  return Math.sqrt(chiSquaredQuantile(1, 2 * share - 1));
}

/** By halving: it is asked a few times a window, and must not fail far out. */
function inverse(shareBelow: (x: number) => number, share: number, start: number): number {
  let [low, high] = [0, start];
  while (shareBelow(high) < share) [low, high] = [high, 2 * high];
  while (high - low > 1e-12 * high) {
    const middle = (low + high) / 2;
    if (middle === low || middle === high) break;
    if (shareBelow(middle) < share) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** The regularised lower incomplete gamma function P(a, x): by its series, or by its continued fraction where x is large. */
function gammaShare(a: number, x: number): number {
  if (x <= 0) return 0;
  const scale = Math.exp(a * Math.log(x) - x - logGamma(a));
  return x < a + 1 ? scale * series(a, x) : 1 - scale * continuedFraction(a, x);
}

function series(a: number, x: number): number {
  let term = 1 / a;
  let sum = term;
  for (let n = 1; n < MOST_TERMS && term > PRECISION * sum; n++) {
    term *= x / (a + n);
    sum += term;
  }
  return sum;
}

/** By Lentz's method. */
function continuedFraction(a: number, x: number): number {
  let b = x + 1 - a;
  let c = Infinity;
  let d = 1 / b;
  let product = d;
  for (let n = 1; n < MOST_TERMS; n++) {
    const factor = n * (a - n);
    b += 2;
    d = 1 / (b + factor * d);
    c = b + factor / c;
    const step = c * d;
    product *= step;
    if (Math.abs(step - 1) < PRECISION) break;
  }
  return product;
}

/** Of half and whole numbers, which is all that degrees of freedom ask for. */
function logGamma(a: number): number {
  let sum = a % 1 === 0 ? 0 : 0.5 * Math.log(Math.PI);
  for (let n = a % 1 === 0 ? 1 : 0.5; n < a; n++) sum += Math.log(n);
  return sum;
}
