export type Labels = Readonly<Record<string, string | number>>;

/** Labels in the Prometheus text format, without braces: `model="iris",version="1"`. */
export function shownLabels(labels: Labels): string {
  return Object.entries(labels)
    .map(([label, value]) => `${label}="${escaped(String(value))}"`)
    .join(',');
}

const escaped = (value: string): string =>
  value.replace(/[\\"\n]/g, (sign) => (sign === '\n' ? '\\n' : `\\${sign}`));
