/** The value below which that share of them lies; 0 of none. */
export function quantile(values, share) {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

/** Milliseconds that calls took. */
export const took = (calls) => calls.map(({ began, ended }) => ended - began);
