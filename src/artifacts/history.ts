/** One change of an alias; `from` and `to` are null where there was or is none. */
export interface AliasLine {
  readonly time: string;
  readonly alias: string;
  readonly from: string | null;
  readonly to: string | null;
  readonly who: string | null;
  readonly reason: string | null;
  /** The verdict of the gate for this pair of versions; null where nobody asked it. */
  readonly gate: unknown;
  /** The champion before was put back: `from` is not promoted again by rule. */
  readonly rollback?: true;
}

/** A version that was deleted; its number stays taken. */
interface DeletionLine {
  readonly time: string;
  readonly deleted: string;
  readonly sha256: string;
  readonly who: string | null;
  readonly reason: string | null;
}

export type HistoryLine = AliasLine | DeletionLine;

/** So many champions are remembered at least, and twice as many at most: a history may have no end. */
const CHAMPIONS = 1_000;

/** What follows from the lines of a history, one after another. */
export class History {
  /** Whole lines, also those that somebody else wrote and nobody understands. */
  lines = 0;
  private readonly aliases = new Map<string, string>();
  /** Champions in order; a rollback takes the last one off again. */
  private readonly champions: string[] = [];
  private hadChampion = false;
  /** Versions that were rolled back from, ever. */
  readonly rolledBack = new Set<string>();
  /** Deleted version → SHA-256 of its model. */
  readonly deleted = new Map<string, string>();

  copy(): History {
    const copy = new History();
    copy.lines = this.lines;
    copy.hadChampion = this.hadChampion;
    for (const [alias, version] of this.aliases) copy.aliases.set(alias, version);
    copy.champions.push(...this.champions);
    for (const version of this.rolledBack) copy.rolledBack.add(version);
    for (const [version, digest] of this.deleted) copy.deleted.set(version, digest);
    return copy;
  }

  add(line: HistoryLine | undefined): this {
    this.lines++;
    if (line === undefined) return this;
    if ('deleted' in line) {
      this.deleted.set(line.deleted, line.sha256);
      return this;
    }
    if (line.to === null) this.aliases.delete(line.alias);
    else this.aliases.set(line.alias, line.to);
    if (line.alias === 'champion') this.addChampion(line);
    return this;
  }

  /** The aliases as the history has them; without `previous`, which follows from the champions. */
  named(): Map<string, string> {
    return new Map([...this.aliases].filter(([alias]) => alias !== 'previous'));
  }

  /** The last champion; null if there is none by intent, undefined if the history never had one. */
  get champion(): string | null | undefined {
    return this.hadChampion ? (this.aliases.get('champion') ?? null) : undefined;
  }

  /** The champion before `version` that is still there. */
  before(version: string): string | undefined {
    return this.champions
      .slice(0, Math.max(0, this.champions.lastIndexOf(version)))
      .findLast((champion) => champion !== version && !this.deleted.has(champion));
  }

  private addChampion({ from, to, rollback }: AliasLine): void {
    this.hadChampion = true;
    if (from !== null && this.champions.at(-1) !== from) this.champions.push(from);
    if (rollback) {
      if (from !== null) this.rolledBack.add(from);
      this.champions.length = to === null ? 0 : this.champions.lastIndexOf(to) + 1;
    }
    if (to !== null && this.champions.at(-1) !== to) this.champions.push(to);
    if (this.champions.length > 2 * CHAMPIONS) this.champions.splice(0, CHAMPIONS);
  }
}

/** The line, or undefined if it is none that is written here. */
export function parseLine(text: string): HistoryLine | undefined {
  try {
    const line = JSON.parse(text) as Record<string, unknown> | null;
    const isDeletion = typeof line?.['deleted'] === 'string' && typeof line['sha256'] === 'string';
    const isChange =
      typeof line?.['alias'] === 'string' && isVersionOrNull(line['from']) && isVersionOrNull(line['to']);
    return isDeletion || isChange ? (line as unknown as HistoryLine) : undefined;
  } catch {
    return undefined;
  }
}

function isVersionOrNull(value: unknown): boolean {
  return value === null || typeof value === 'string';
}
