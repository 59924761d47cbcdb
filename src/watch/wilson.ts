/** The normal quantile of 97.5 %: an interval that holds in 95 % of cases. */
export const Z = 1.959963984540054;

/** Wilson's interval at 95 % of a share of which `hits` of `rows` were seen; `rows` above 0. */
export function wilson(hits: number, rows: number): { readonly low: number; readonly high: number } {
  const share = hits / rows;
  const spread = Z * Math.sqrt((share * (1 - share)) / rows + (Z * Z) / (4 * rows * rows));
  const middle = share + (Z * Z) / (2 * rows);
  const scale = 1 + (Z * Z) / rows;
  return { low: Math.max(0, (middle - spread) / scale), high: Math.min(1, (middle + spread) / scale) };
}
