import { existsSync } from 'node:fs';
import { IdPartitions } from './id-partitions.js';
import type { Repetition } from './id-repetitions.js';
import { prunedDays } from './pruned-days.js';
import { recordBytes, wholeLines } from './record-lines.js';
import { readRecord } from './record-scan.js';
import { filesBelow, isRecordFile, plainName } from './record-tree.js';
import { isSameContent } from './same-content.js';

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
}

const LISTED = 20;
const LINE_FEED = 0x0a;

/**
 * Reads every record of a tree, line by line, in constant memory.
 * A line that is not a JSON object with `prediction_id` and `model` counts as torn, and so does what cannot be unpacked.
 * @throws NodeJS.ErrnoException if a file cannot be read, or its ids find no room among the temporary files.
 */
export async function verifyTree(root: string): Promise<Verification> {
  const verifier = new Verifier();
  try {
    for (const path of filesBelow(root)) await verifier.take(path);
    return { ...(await verifier.result()), pruned: prunedDays(root) };
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

  async take(path: string): Promise<void> {
    if (path.endsWith('.ndjson.torn')) this.quarantined++;
    if (!isRecordFile(path) || (await this.isSecondCopy(path))) return;
    if (existsSync(path)) await this.read(path);
    // `log compress` was quicker; else it was pruned.
    else if (existsSync(`${path}.gz`)) await this.read(`${path}.gz`);
  }

  async result(): Promise<Omit<Verification, 'pruned'>> {
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

  close(): void {
    this.ids.close();
  }

  /** Where `log compress` was killed before its last step, a file stands there both ways. */
  private async isSecondCopy(path: string): Promise<boolean> {
    const plain = plainName(path);
    if (path === plain || this.paths.at(-1) !== plain) return false;
    return !existsSync(plain) || (await isSameContent(plain, path));
  }

  private async read(path: string): Promise<void> {
    const file = this.paths.push(path) - 1;
    let number = 0;
    try {
      for await (const lines of wholeLines(recordBytes(path))) {
        for (let start = 0; start < lines.length;) {
          const end = endOfLine(lines, start);
          this.count(lines, start, end, file, ++number);
          start = end + 1;
        }
      }
    } catch (error) {
      if (!isNotUnpacked(error)) throw error;
      this.countTorn(`${path}:${number + 1}`);
    }
  }

  private count(lines: Buffer, start: number, end: number, file: number, number: number): void {
    const record = readRecord(lines, start, end);
    if (record === undefined) return this.countTorn(`${this.paths[file]}:${number}`);
    this.models.set(record.model, (this.models.get(record.model) ?? 0) + 1);
    this.ids.add(record.prediction_id, file, number);
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

function endOfLine(lines: Buffer, start: number): number {
  const feed = lines.indexOf(LINE_FEED, start);
  return feed === -1 ? lines.length : feed;
}

function earliest(places: readonly Repetition[]): Repetition[] {
  return places.toSorted((a, b) => a.file - b.file || a.line - b.line).slice(0, LISTED);
}

/** Not gzip, or cut off. */
function isNotUnpacked(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code?.startsWith('Z_') ?? false;
}
