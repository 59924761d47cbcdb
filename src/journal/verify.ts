import type { KeyObject } from 'node:crypto';
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Fault } from './chain-reader.js';
import { eachOnce } from './each-once.js';
import { FileCheck } from './file-check.js';
import { IdPartitions } from './id-partitions.js';
import type { Repetition } from './id-repetitions.js';
import { prunedDays } from './pruned-days.js';
import { endOfLine, recordBytes, wholeLines } from './record-lines.js';
import { readRecord } from './record-scan.js';
import { filesBelow, isRecordFile } from './record-tree.js';
import { type FileWords, readSeals, type SealBook } from './seal-book.js';
import { LEDGER, sealedName } from './seal-entries.js';

/** What a record tree holds. Torn lines and duplicates are listed by place, at most `LISTED` of each. */
export interface Verification {
  files: number;
  records: number;
  models: Record<string, number>;
  torn: number;
  readonly tornAt: string[];
  duplicates: number;
  duplicatesAt: string[];
  /** Torn lines that a repair at start has moved aside. */
  quarantined: number;
  /** Days of a model that `log prune` has removed. */
  pruned: number;
  /** Files that get no more lines, and are what their seals say. */
  sealed: number;
  /** Files without a seal yet: a server writes to them, or was killed and not started again. */
  unsealed: number;
  /** Files from before there were seals: by their digests since then, or not sealed yet. */
  earlier: number;
  /** Records that `log erase` has taken away. */
  erased: number;
  /** What is not as it was written: in each file the first line, in the order of their names. */
  faults: readonly Fault[];
}

/** What a tree is compared with beside its own seals. */
export interface Anchors {
  /** Those who sign. */
  readonly keys?: readonly KeyObject[];
  /** Digest of a line of the seals that is known from elsewhere. */
  readonly head?: string;
}

const LISTED = 20;

/**
 * Reads every record of a tree, line by line, in constant memory.
 * A line that is not a JSON object with `prediction_id` and `model` counts as torn, and so does what cannot be unpacked.
 * @throws NodeJS.ErrnoException if a file cannot be read, or its ids find no room among the temporary files.
 */
export async function verifyTree(root: string, { keys, head }: Anchors = {}): Promise<Verification> {
  const verifier = new Verifier(root, await readSeals(root, keys, head));
  try {
    await verifier.readAll();
    const seen = await verifier.result();
    return { ...seen, ...(await verifier.seals()), pruned: prunedDays(root) };
  } finally {
    verifier.close();
  }
}

class Verifier {
  private readonly ids = new IdPartitions();
  private readonly paths: string[] = [];
  private readonly models = new Map<string, number>();
  private readonly tornAt: string[] = [];
  private torn = 0;
  private quarantined = 0;
  private readonly faults: { readonly path: string; readonly fault: Fault }[] = [];
  private readonly kinds = { sealed: 0, unsealed: 0, earlier: 0 };
  private erased = 0;
  private readonly seen = new Set<string>();
  /** Files that no chain named when the chains were read. */
  private readonly unknown: string[] = [];

  constructor(
    private readonly root: string,
    private readonly book: SealBook,
  ) {}

  async readAll(): Promise<void> {
    for await (const path of eachOnce(this.recordFiles())) await this.read(path);
  }

  async result(): Promise<Omit<Verification, 'pruned' | 'faults' | 'erased' | keyof Verifier['kinds']>> {
    let duplicates = 0;
    let first: Repetition[] = [];
    for (const place of this.ids.repetitions()) {
      duplicates++;
      first.push(place);
      if (first.length > 100 * LISTED) first = earliest(first);
    }
    return {
      files: this.paths.length,
      records: [...this.models.values()].reduce((sum, records) => sum + records, 0),
      models: Object.fromEntries(this.models),
      torn: this.torn,
      tornAt: this.tornAt,
      duplicates,
      duplicatesAt: await Promise.all(earliest(first).map((place) => this.told(place))),
      quarantined: this.quarantined,
    };
  }

  /** What is sealed, and what is not as it should be. Files come and go meanwhile: their chains are asked again. */
  async seals(): Promise<Pick<Verification, 'faults' | 'erased' | keyof Verifier['kinds']>> {
    const { root, book, seen } = this;
    const later = await readSeals(root);
    const faults: Fault[] = [];
    for (const { path, fault } of this.faults)
      if (!(await this.isWhole(path, later.files.get(fault.file)))) faults.push(fault);
    for (const file of this.unknown.filter((each) => !later.files.has(each)))
      faults.push({ file, line: undefined, what: 'is named by no seal' });
    for (const [file, { seal, head }] of book.files) {
      const isEmpty = seal === undefined ? head === undefined : seal.count === 0;
      if (!isEmpty && !seen.has(file) && !later.pruned.has(file))
        faults.push({ file, line: undefined, what: 'is missing' });
    }
    const inOrder = faults.toSorted((a, b) => (a.file < b.file ? -1 : a.file > b.file ? 1 : 0));
    return { ...this.kinds, erased: this.erased, faults: [...book.faults, ...inOrder] };
  }

  close(): void {
    this.ids.close();
  }

  private *recordFiles(): Generator<string, void> {
    const ledger = join(this.root, LEDGER);
    for (const path of filesBelow(this.root)) {
      if (path.endsWith('.ndjson.torn')) this.quarantined++;
      if (path !== ledger && isRecordFile(path)) yield path;
    }
  }

  private async read(path: string): Promise<void> {
    const file = this.paths.push(path) - 1;
    const name = sealedName(this.root, path);
    const check = new FileCheck(this.wordsOf(name, path));
    const broken = await this.readLines(path, check, (lines, start, end, number) => {
      const record = readRecord(lines, start, end);
      if (record === undefined) return this.countTorn(`${path}:${number}`);
      this.models.set(record.model, (this.models.get(record.model) ?? 0) + 1);
      this.ids.add(record.prediction_id, file, number);
    });
    if (broken !== undefined) this.countTorn(`${path}:${broken}`);
    this.erased += check.erased;
    if (check.fault !== undefined) this.faults.push({ path, fault: { file: name, ...check.fault } });
  }

  /** Tells of each line but the erased ones. @returns the line that cannot be unpacked, if there is one */
  private async readLines(
    path: string,
    check: FileCheck,
    tell: (lines: Buffer, start: number, end: number, number: number) => void,
  ): Promise<number | undefined> {
    let number = 0;
    let isTorn = false;
    try {
      for await (const lines of wholeLines(recordBytes(path))) {
        for (let start = 0; start < lines.length;) {
          const end = endOfLine(lines, start);
          number++;
          isTorn = end === lines.length;
          if (!check.take(lines, start, end)) tell(lines, start, end, number);
          start = end + 1;
        }
      }
    } catch (error) {
      if (!isNotUnpacked(error)) throw error;
      check.end(true);
      return number + 1;
    }
    check.end(isTorn);
    return undefined;
  }

  /** Whether a file is as it should be by what the chains say now: it may have been sealed or erased from meanwhile. */
  private async isWhole(path: string, words: FileWords | undefined): Promise<boolean> {
    if (words === undefined || !existsSync(path)) return false;
    const check = new FileCheck(words);
    await this.readLines(path, check, () => undefined);
    return check.fault === undefined;
  }

  /** What the chains say of a file that is there. */
  private wordsOf(name: string, path: string): FileWords {
    const words = this.book.files.get(name);
    this.seen.add(name);
    if (words?.head === undefined && words?.seal === undefined) {
      if (!this.book.isComplete) this.kinds.earlier++;
      else if (statSync(path).size > 0) this.unknown.push(name);
    } else
      this.kinds[words.seal === undefined ? 'unsealed' : words.head === undefined ? 'earlier' : 'sealed']++;
    return words ?? {};
  }

  private countTorn(place: string): void {
    this.torn++;
    if (this.tornAt.length < LISTED) this.tornAt.push(place);
  }

  private async told({ file, line }: Repetition): Promise<string> {
    const path = this.paths[file]!;
    let number = 0;
    for await (const lines of wholeLines(recordBytes(path))) {
      for (let start = 0; start < lines.length;) {
        const end = endOfLine(lines, start);
        if (++number === line) return `${path}:${line} ${readRecord(lines, start, end)?.prediction_id}`;
        start = end + 1;
      }
    }
    return `${path}:${line}`;
  }
}

function earliest(places: readonly Repetition[]): Repetition[] {
  return places.toSorted((a, b) => a.file - b.file || a.line - b.line).slice(0, LISTED);
}

/** Not gzip, or cut off. */
function isNotUnpacked(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code?.startsWith('Z_') ?? false;
}
