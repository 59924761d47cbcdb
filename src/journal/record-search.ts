import { existsSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { basename } from 'node:path';
import { timeOfId } from '../observability/ids.js';
import { isPruned } from './pruned-days.js';
import { recordBytes } from './record-lines.js';
import { dayFolders, filesBelow, isRecordFile, plainName } from './record-tree.js';

/** Where a record stands, and its line without the line feed. */
export interface FoundRecord {
  readonly outcome: 'found';
  readonly path: string;
  readonly line: Buffer;
}

/** `gone`: a day on which it may have been written was removed by `log prune`. */
export type Search = FoundRecord | { readonly outcome: 'gone' | 'unknown' };

/**
 * How far a line may stand from its place in the order of ids, in milliseconds: calls that began later may have ended
 * earlier. Most by far stand within the first.
 */
const DISORDERS = [50, 60_000];
/** What is read at once. */
const BLOCK = 262_144;
/** A first look for the beginning of a line. */
const PEEK = 2_048;
const LINE_FEED = 0x0a;
const PREFIX = '{"prediction_id":"';
const ID_LENGTH = 36;

/**
 * Finds the record of a prediction below `root` by the time in its id, without an index: ids stand in the order of their
 * times but for the length of the longest call. With `isThorough` every record of those days is read where that finds
 * none, as a clock that was set back leaves another order.
 * @throws NodeJS.ErrnoException if a file cannot be read
 */
export async function findRecord(root: string, id: string, isThorough = false): Promise<Search> {
  const time = timeOfId(id);
  if (time === undefined) return { outcome: 'unknown' };
  const widest = DISORDERS.at(-1)!;
  const dates = new Set([time - widest, time, time + widest].map(dateOf));
  const days = [...dayFolders(root)].filter(({ date }) => dates.has(date));
  const writers = days.flatMap(({ path }) => byWriter(path));
  for (const disorder of isThorough ? [...DISORDERS, Infinity] : DISORDERS) {
    for (const files of writers) {
      for (const path of await filesAround(files, time, disorder)) {
        const line = await lineIn(path, id, { from: time - disorder, to: time + disorder });
        if (line !== undefined) return { outcome: 'found', path, line };
      }
    }
  }
  return { outcome: isPruned(root, dates) ? 'gone' : 'unknown' };
}

const dateOf = (time: number): string => new Date(time).toISOString().slice(0, 10);

/** The record files of a day, those of each writer in the order in which he wrote them. */
function byWriter(folder: string): string[][] {
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
  return [...writers.values()].map((files) =>
    files.toSorted((a, b) => a.number - b.number).map(({ path }) => path),
  );
}

/** Those of a writer's files that may hold a line of that time; all where any order is possible. */
async function filesAround(
  files: readonly string[],
  time: number,
  disorder: number,
): Promise<readonly string[]> {
  if (disorder === Infinity) return files;
  const first = await countBefore(files, time - disorder);
  const last = await countBefore(files, time + disorder);
  // The file before the first of these goes on to its time.
  return files.slice(Math.max(0, first - 1), last);
}

/** How many of a writer's files begin before a time. */
async function countBefore(files: readonly string[], time: number): Promise<number> {
  let [low, high] = [0, files.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (((await beginningOf(files[middle]!)) ?? -Infinity) < time) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The time in a file's first id; undefined where it has none. */
async function beginningOf(path: string): Promise<number | undefined> {
  if (path.endsWith('.gz')) {
    for await (const block of recordBytes(path) as AsyncIterable<Buffer>) return timeAt(block, 0);
    return undefined;
  }
  const file = await open(path);
  try {
    return timeAt(await bytesOf(file, 0, PREFIX.length + ID_LENGTH), 0);
  } finally {
    await file.close();
  }
}

/** The time in the id of the line that begins at `at`; undefined for a line that is no record. */
function timeAt(bytes: Buffer, at: number): number | undefined {
  const begin = at + PREFIX.length;
  if (bytes.toString('latin1', at, begin) !== PREFIX) return undefined;
  return timeOfId(bytes.toString('latin1', begin, begin + ID_LENGTH));
}

interface Span {
  readonly from: number;
  readonly to: number;
}

/** The line of an id in a file, looked for among those of a span of time; a packed file is read whole. */
async function lineIn(path: string, id: string, span: Span): Promise<Buffer | undefined> {
  if (path.endsWith('.gz')) return lineAmong(recordBytes(path) as AsyncIterable<Buffer>, id);
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const start = await boundary(file, size, span.from);
    const end = await boundary(file, size, span.to);
    return await lineAmong(blocks(file, start, end + BLOCK), id);
  } finally {
    await file.close();
  }
}

/**
 * A place in a file at most a block before the first line that is not before `time`. A line that does not say its time
 * counts as later, so that no line is passed over.
 */
async function boundary(file: FileHandle, size: number, time: number): Promise<number> {
  if (time === -Infinity) return 0;
  if (time === Infinity) return size;
  let [low, high] = [0, size];
  while (high - low > BLOCK) {
    const middle = Math.floor((low + high) / 2);
    const line = await lineAfter(file, middle, high);
    if (line !== undefined && (timeAt(line.bytes, 0) ?? Infinity) < time) low = line.at;
    else high = middle;
  }
  return low;
}

/** Where the first line behind `at` begins, and its first bytes; undefined where none does before `end`. */
async function lineAfter(
  file: FileHandle,
  at: number,
  end: number,
): Promise<{ at: number; bytes: Buffer } | undefined> {
  for (let from = at; from < end; from += PEEK) {
    const peek = await bytesOf(file, from, PEEK);
    const feed = peek.indexOf(LINE_FEED);
    if (feed < 0) continue;
    const begin = from + feed + 1;
    return begin < end
      ? { at: begin, bytes: await bytesOf(file, begin, PREFIX.length + ID_LENGTH) }
      : undefined;
  }
  return undefined;
}

async function bytesOf(file: FileHandle, at: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(length), 0, length, at);
  return buffer.subarray(0, bytesRead);
}

/** From the beginning of a line at `start` to the end of the one that goes on beyond `end`. */
async function* blocks(file: FileHandle, start: number, end: number): AsyncGenerator<Buffer, void> {
  for (let at = start; ; at += BLOCK) {
    const block = await bytesOf(file, at, BLOCK);
    if (block.length === 0) return;
    const feed = at + BLOCK > end ? block.indexOf(LINE_FEED, Math.max(0, end - at)) : -1;
    yield feed < 0 ? block : block.subarray(0, feed + 1);
    if (feed >= 0) return;
  }
}

/** The line that begins with an id; a line feed stands within no JSON text, so it is found without reading the lines. */
async function lineAmong(bytes: AsyncIterable<Buffer>, id: string): Promise<Buffer | undefined> {
  const wanted = Buffer.from(`\n${PREFIX}${id}"`);
  let rest = Buffer.from('\n');
  let found: Buffer[] | undefined;
  for await (const block of bytes) {
    if (found === undefined) {
      const all = Buffer.concat([rest, block]);
      const at = all.indexOf(wanted);
      rest = all.subarray(-wanted.length + 1);
      if (at < 0) continue;
      found = [];
      const line = all.subarray(at + 1);
      const end = line.indexOf(LINE_FEED);
      if (end >= 0) return line.subarray(0, end);
      found.push(line);
      continue;
    }
    const end = block.indexOf(LINE_FEED);
    found.push(end < 0 ? block : block.subarray(0, end));
    if (end >= 0) return Buffer.concat(found);
  }
  // Without its line feed it is being written, or was torn by a kill.
  return undefined;
}
