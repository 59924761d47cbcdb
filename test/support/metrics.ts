/** The value of one child of the Prometheus text; absent: an error of the test that asks. */
export function metric(text: string, name: string, labels: Readonly<Record<string, string>> = {}): number {
  const wanted = Object.entries(labels).map(([key, value]) => `${key}="${value}"`);
  const line = text
    .split('\n')
    .find((each) => /^\w+/.exec(each)?.[0] === name && wanted.every((label) => each.includes(label)));
  if (line === undefined) throw new Error(`no ${name} with ${wanted.join(', ') || 'no labels'}`);
  return Number(line.split(' ').at(-1));
}

/** Every child, by name and labels, without its value. */
export function series(text: string): string[] {
  return text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.slice(0, line.lastIndexOf(' ')));
}
