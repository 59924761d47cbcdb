import { closeSync, existsSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { timeOfId } from '../observability/ids.js';
import { prunedDates } from './pruned-days.js';
import { recordBytes, wholeLines } from './record-lines.js';
import { dayFolders, filesBelow, isRecordFile, plainName } from './record-tree.js';
import { takenAway } from './taken-away.js';

/** Where a record stands, and its line without the line feed. */
export interface FoundRecord {
  readonly outcome: 'found';
  readonly path: string;
  readonly line: Buffer;
}

/** `gone`: it was erased, or a day on which it may have been written was removed by `log prune`. */
export type Search = FoundRecord | { readonly outcome: 'gone' | 'unknown' };

/**
 * How far a line may stand from its place in the order of ids, in milliseconds: calls that began later may have ended
 * earlier. Most by far stand within the first.
 */
const DISORDERS = [2, 50, 60_000];
/** What is read at once where a record should be, and of what comes after it. */
const NEAR = 8_192;
const BLOCK = 262_144;
/** A first look for the beginning of a line. */
const PEEK = 1_024;
const LINE_FEED = 0x0a;
const PREFIX = Buffer.from('{"prediction_id":"');
const ID_LENGTH = 36;
/** The clock of a file system may be behind ours. */
const CLOCKS_MS = 1_000;

/** An id that is looked for. */
interface Wanted {
  readonly id: string;
  readonly time: number;
}

/**
 * Finds the record of a prediction below `root` by the time in its id, without an index: ids stand in the order of their
 * times but for the length of the longest call. With `isThorough` every record of those days is read where that finds
 * none, as a clock that was set back leaves another order.
 * @throws NodeJS.ErrnoException if a file cannot be read
 */
export async function findRecord(root: string, id: string, isThorough = false): Promise<Search> {
  return (await findRecords(root, [id], isThorough)).get(id)!;
}

/**
 * The same of many ids, which costs less than one after another: they are looked for in the order of their times, so a
 * file is opened once, and what stands close together is read once. It waits for the disk where it is called, so it is
 * for commands and for threads.
 * @returns what was found of each id
 */
export async function findRecords(
  root: string,
  ids: Iterable<string>,
  isThorough = false,
): Promise<Map<string, Search>> {
  const searches = new Map<string, Search>();
  const wanted: Wanted[] = [];
  for (const id of new Set(ids)) {
    const time = timeOfId(id);
    searches.set(id, { outcome: 'unknown' });
    if (time !== undefined) wanted.push({ id, time });
  }
  const isLeft = ({ id }: Wanted): boolean => searches.get(id)!.outcome !== 'found';
  let left = wanted.toSorted((a, b) => a.time - b.time);
  const dates = new Set(left.flatMap(datesOf));
  const writers = [...dayFolders(root)]
    .filter(({ date }) => dates.has(date))
    .flatMap(({ path }) => byWriter(path));
  for (const disorder of isThorough ? [...DISORDERS, Infinity] : DISORDERS) {
    for (const writer of writers) {
      for (const [path, some] of await writer.filesOf(left, disorder)) {
        for await (const [id, line] of linesOf(path, some.filter(isLeft), disorder))
          searches.set(id, { outcome: 'found', path, line });
      }
      left = left.filter(isLeft);
      if (left.length === 0) return searches;
    }
  }
  const pruned = prunedDates(root);
  const { erased } = takenAway(root);
  for (const each of left)
    if (erased.has(each.id) || datesOf(each).some((date) => pruned.has(date)))
      searches.set(each.id, { outcome: 'gone' });
  return searches;
}

/** The days on which a record may have been written, in UTC. */
function datesOf({ time }: Wanted): string[] {
  const widest = DISORDERS.at(-1)!;
  return [time - widest, time, time + widest].map((each) => new Date(each).toISOString().slice(0, 10));
}

/** The record files of a day, by the process that wrote them. */
function byWriter(folder: string): Writer[] {
  const writers = new Map<string, { path: string; number: number }[]>();
  for (const path of filesBelow(folder)) {
    if (!isRecordFile(path)) continue;
    const plain = plainName(path);
    // While a file is packed both forms may be there.
    if (plain !== path && existsSync(plain)) continue;
    const [, writer = plain, number = '0'] = /^(.*)-(\d+)\.ndjson$/.exec(basename(plain)) ?? [];
    const files = writers.get(writer) ?? [];
    writers.set(writer, files);
    files.push({ path, number: Number(number) });
  }
  return [...writers.values()].map(
    (files) => new Writer(files.toSorted((a, b) => a.number - b.number).map(({ path }) => path)),
  );
}

/** The files that one process wrote on one day, in the order in which it began them; it may have written to several at once. */
class Writer {
  private readonly beginnings = new Map<string, number>();
  private readonly ends = new Map<string, number>();

  constructor(private readonly files: readonly string[]) {}

  /**
   * The files that may hold some of these records, which are in the order of their times, each with those. Where a record
   * most likely is comes first: the last file that began before it.
   */
  async filesOf(wanted: readonly Wanted[], disorder: number): Promise<[path: string, wanted: Wanted[]][]> {
    const found = this.files.map((path): [string, Wanted[]] => [path, []]);
    for (const each of wanted) {
      const count = disorder === Infinity ? found.length : await this.countBefore(each.time + disorder);
      for (let at = 0; at < count; at++) {
        const [path, some] = found[at]!;
        if (disorder === Infinity || this.endOf(path) >= each.time - disorder) some.push(each);
      }
    }
    return found.filter(([, some]) => some.length > 0).toReversed();
  }

  /** How many of the files begin before a time. */
  private async countBefore(time: number): Promise<number> {
    let [low, high] = [0, this.files.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((await this.beginningOf(this.files[middle]!)) <= time) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** The time in a file's first id; none: it begins before all others. */
  private async beginningOf(path: string): Promise<number> {
    const known = this.beginnings.get(path);
    if (known !== undefined) return known;
    const time = timeAt(await firstBytesOf(path), 0) ?? -Infinity;
    this.beginnings.set(path, time);
    return time;
  }

  /** When a file was last written to. */
  private endOf(path: string): number {
    const known = this.ends.get(path);
    if (known !== undefined) return known;
    const end = (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? -Infinity) + CLOCKS_MS;
    this.ends.set(path, end);
    return end;
  }
}

async function firstBytesOf(path: string): Promise<Buffer> {
  if (path.endsWith('.gz')) {
    for await (const block of recordBytes(path) as AsyncIterable<Buffer>) return block;
    return Buffer.of();
  }
  const file = openSync(path, 'r');
  try {
    const bytes = Buffer.alloc(PREFIX.length + ID_LENGTH);
    readSync(file, bytes, 0, bytes.length, 0);
    return bytes;
  } finally {
    closeSync(file);
  }
}

/** The id in the line that begins at `at`; undefined for a line that is no record. */
function idAt(bytes: Buffer, at: number): string | undefined {
  const begin = at + PREFIX.length;
  if (bytes.length < begin + ID_LENGTH || PREFIX.compare(bytes, at, begin) !== 0) return undefined;
  return bytes.toString('latin1', begin, begin + ID_LENGTH);
}

function timeAt(bytes: Buffer, at: number): number | undefined {
  const id = idAt(bytes, at);
  return id === undefined ? undefined : timeOfId(id);
}

/** The lines of some ids in a file, which are in the order of their times; a packed file is read whole. */
async function* linesOf(
  path: string,
  wanted: readonly Wanted[],
  disorder: number,
): AsyncGenerator<[id: string, line: Buffer], void> {
  const ids = new Set(wanted.map(({ id }) => id));
  if (ids.size === 0) return;
  if (path.endsWith('.gz')) {
    for await (const lines of wholeLines(recordBytes(path) as AsyncIterable<Buffer>)) {
      for (let at = 0; at < lines.length;) {
        const feed = lines.indexOf(LINE_FEED, at);
        if (feed < 0) break;
        const id = idAt(lines, at);
        if (id !== undefined && ids.has(id)) yield [id, Buffer.from(lines.subarray(at, feed))];
        at = feed + 1;
      }
    }
    return;
  }
  const file = new PlainFile(path);
  try {
    let before = 0;
    for (const { from, to, count } of spansOf(wanted, disorder)) {
      before = file.boundary(from, before);
      const last = timeText(to);
      let left = count;
      for (const line of file.linesFrom(before)) {
        const id = idAt(line, 0);
        if (id === undefined) continue;
        if (ids.delete(id)) {
          yield [id, Buffer.from(line)];
          if (--left === 0) break;
        }
        if (id > last && (timeOfId(id) ?? -Infinity) > to) break;
      }
    }
  } finally {
    file.close();
  }
}

/** The last that an id of this time begins with, so that later ones come behind it in the order of texts. */
function timeText(time: number): string {
  if (time === Infinity) return '~';
  const text = Math.max(0, time).toString(16).padStart(12, '0');
  return `${text.slice(0, 8)}-${text.slice(8)}~`;
}

interface Span {
  readonly from: number;
  readonly to: number;
  /** Of the ids in it. */
  readonly count: number;
}

/** The spans of time in which lines of these ids may stand, joined where they meet. */
function spansOf(wanted: readonly Wanted[], disorder: number): Span[] {
  const spans: { from: number; to: number; count: number }[] = [];
  for (const { time } of wanted) {
    const last = spans.at(-1);
    if (last !== undefined && time - disorder <= last.to) {
      last.to = time + disorder;
      last.count++;
    } else spans.push({ from: time - disorder, to: time + disorder, count: 1 });
  }
  return spans;
}

/** A record file that is open; what it gives is overwritten when it is asked for more. */
class PlainFile {
  private readonly file: number;
  private readonly size: number;
  private readonly peeked = Buffer.allocUnsafe(PEEK);
  private buffer = Buffer.allocUnsafe(2 * NEAR);

  constructor(path: string) {
    this.file = openSync(path, 'r');
    this.size = fstatSync(this.file).size;
  }

  /**
   * Where a line begins, a little before the first that is not before `time`. A line that does not say its time counts as
   * later, so that no line is passed over.
   * @param low where a line begins that is known to be no later
   */
  boundary(time: number, low: number): number {
    if (time === -Infinity) return 0;
    let [least, high] = [low, this.size];
    // In steps that grow, as the next one looked for is near: then by halves.
    for (let step = NEAR; least + step < high; step *= 2) {
      const next = this.lineBefore(time, least + step, high);
      if (next === undefined) high = least + step;
      else least = next;
    }
    while (high - least > NEAR) {
      const middle = Math.floor((least + high) / 2);
      const next = this.lineBefore(time, middle, high);
      if (next === undefined) high = middle;
      else least = next;
    }
    return least;
  }

  /** The whole lines from the beginning of one on, without their line feeds; one that is being written, or was torn by a kill, is none. */
  *linesFrom(start: number): Generator<Buffer, void> {
    let filled = 0;
    for (let at = start, length = NEAR; ; length = Math.min(2 * length, BLOCK)) {
      if (filled + length > this.buffer.length) {
        const larger = Buffer.allocUnsafe(2 * (filled + length));
        this.buffer.copy(larger, 0, 0, filled);
        this.buffer = larger;
      }
      const count = readSync(this.file, this.buffer, filled, length, at);
      if (count === 0) return;
      at += count;
      // No line feed stands in what was there before.
      let feed = this.buffer.subarray(0, filled + count).indexOf(LINE_FEED, filled);
      filled += count;
      const all = this.buffer.subarray(0, filled);
      let begin = 0;
      for (; feed >= 0; feed = all.indexOf(LINE_FEED, begin)) {
        yield all.subarray(begin, feed);
        begin = feed + 1;
      }
      all.copyWithin(0, begin);
      filled -= begin;
    }
  }

  close(): void {
    closeSync(this.file);
  }

  /** Where the first line behind `at` begins, if that is before `end` and the line before `time`. */
  private lineBefore(time: number, at: number, end: number): number | undefined {
    for (let from = at; from < end; from += PEEK) {
      const peek = this.bytes(from);
      const feed = peek.indexOf(LINE_FEED);
      if (feed < 0) continue;
      const begin = from + feed + 1;
      if (begin >= end) return undefined;
      const isCut = peek.length - feed - 1 < PREFIX.length + ID_LENGTH;
      const found = isCut ? timeAt(this.bytes(begin), 0) : timeAt(peek, feed + 1);
      return (found ?? Infinity) < time ? begin : undefined;
    }
    return undefined;
  }

  private bytes(at: number): Buffer {
    return this.peeked.subarray(0, readSync(this.file, this.peeked, 0, PEEK, at));
  }
}
