/** Names that a picture of a card may have. */
export const PLOT = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,99}\.svg$/;

/** What a version has for people to read. */
export interface Documents {
  readonly hasCard: boolean;
  /** Names in `plots/`, in order. */
  readonly plots: readonly string[];
}

/** Finds them among the paths of a version's files. */
export function documentsAmong(paths: Iterable<string>): Documents {
  const all = [...paths];
  const plots = all
    .filter((path) => path.startsWith('plots/'))
    .map((path) => path.slice('plots/'.length))
    .filter((name) => PLOT.test(name))
    .toSorted();
  return { hasCard: all.includes('card.md'), plots };
}
