/** An interval of a mean comes from so many resamples. */
const RESAMPLES = 500;

/** The 2.5 % and 97.5 % of means of resamples; the same for the same numbers. */
export function bootstrapMean(values: readonly number[]): { readonly low: number; readonly high: number } {
  const random = numbersBelow(values.length);
  const means = Array.from({ length: RESAMPLES }, () => {
    let sum = 0;
    for (let drawn = 0; drawn < values.length; drawn++) sum += values[random()]!;
    return sum / values.length;
  }).toSorted((one, other) => one - other);
  return { low: means[Math.floor(0.025 * RESAMPLES)]!, high: means[Math.ceil(0.975 * RESAMPLES) - 1]! };
}

/** Whole numbers from 0 to `count` - 1, from one seed (mulberry32). */
function numbersBelow(count: number): () => number {
  let state = 1;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * count);
  };
}
