import type { VersionLife } from './version-life.js';

/** What the folder says about its aliases. */
export interface AliasesNow {
  /** Undefined without an aliases.json, and where it is broken; `{}`: no champion, on purpose. */
  readonly aliases?: Readonly<Record<string, string>>;
  /** Why aliases.json is broken. */
  readonly fault?: string;
  /** The champion as the history has it last; null: none, on purpose. */
  readonly lastChampion?: string | null;
}

/** Editors take a file away before they write it anew: that aliases.json is gone counts when it has been for so long. */
const GONE_MS = 1_000;

/** The aliases as they were seen last. */
export class SeenAliases {
  now: AliasesNow = {};
  private goneSince: number | undefined;

  constructor(private readonly clock: () => number) {}

  /** Whether another look could tell more, though nothing is written. */
  get isUnsure(): boolean {
    return this.goneSince !== undefined;
  }

  see(found: AliasesNow): void {
    if (isThere(found) || !isThere(this.now)) this.goneSince = undefined;
    else this.goneSince ??= this.clock();
    if (this.goneSince !== undefined && this.clock() - this.goneSince < GONE_MS) return;
    this.goneSince = undefined;
    this.now = found;
  }
}

const isThere = ({ aliases, fault }: AliasesNow): boolean => aliases !== undefined || fault !== undefined;

/** Who should answer among `descending`, the versions of a model; `champion` is who does. */
export function rightful(
  descending: readonly VersionLife[],
  { aliases, fault, lastChampion }: AliasesNow,
  champion: VersionLife | undefined,
): VersionLife | undefined {
  const highest = descending.find((life) => life.isReady && (!life.isGone || life === champion));
  const ready = (version: string): VersionLife | undefined =>
    descending.find((life) => life.version === version && life.isReady);
  if (aliases === undefined && fault === undefined) return highest;
  if (aliases !== undefined && aliases['champion'] === undefined) return undefined;
  const named = aliases?.['champion'];
  const chosen = named === undefined ? undefined : ready(named);
  if (chosen !== undefined) return chosen;
  if (champion !== undefined) return champion;
  // A version that is there and does not pass is what people asked for: nobody guesses another one.
  if (descending.some(({ version }) => version === named)) return undefined;
  if (lastChampion === undefined) return highest;
  return lastChampion === null ? undefined : ready(lastChampion);
}
