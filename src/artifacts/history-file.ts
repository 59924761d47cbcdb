import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { History, type HistoryLine, parseLine } from './history.js';

const FILE = 'history.ndjson';
const BLOCK = 65_536;
/** A longer line was not written here; it counts, but nobody reads it. */
export const LINE_BYTES = 65_536;
const LINE_FEED = 0x0a;

/** What a history file held when it was looked at. */
export interface HistoryState {
  readonly history: History;
  /** Bytes of whole lines. */
  readonly whole: number;
  /** What is behind the last line feed: a change that was not finished. */
  readonly torn: Buffer;
}

const NOTHING: HistoryState = { history: new History(), whole: 0, torn: Buffer.of() };

interface Seen extends HistoryState {
  readonly inode: number;
  readonly size: number;
  readonly modified: number;
}

/** Reads `history.ndjson` of a model's folder; of a file that has only grown, only what is new. */
export class HistoryReader {
  private readonly path: string;
  private seen: Seen | undefined;

  constructor(folder: string) {
    this.path = join(folder, FILE);
  }

  async state(): Promise<HistoryState> {
    const file = await openIfThere(this.path);
    if (file === undefined) return NOTHING;
    try {
      const { ino, size, mtimeMs } = await file.stat();
      const seen = this.seen?.inode === ino && this.seen.whole <= size ? this.seen : undefined;
      const isSame = seen?.torn.length === 0 && seen.size === size;
      if (isSame && seen.modified === mtimeMs) return seen;
      const state = await readOn(file, seen && !isSame ? seen : NOTHING);
      this.seen = { ...state, inode: ino, size, modified: mtimeMs };
      return state;
    } finally {
      await file.close();
    }
  }

  /** The last `limit` lines, newest first; reads from the end no more than they need. */
  async newest(limit: number): Promise<HistoryLine[]> {
    const file = await openIfThere(this.path);
    if (file === undefined) return [];
    try {
      const { size } = await file.stat();
      for (let bytes = BLOCK; ; bytes *= 4) {
        const start = Math.max(0, size - bytes);
        const lines = (await readText(file, start, size)).split('\n').slice(start > 0 ? 1 : 0, -1);
        if (start > 0 && lines.length < limit && bytes < limit * LINE_BYTES) continue;
        return lines
          .slice(Math.max(0, lines.length - limit))
          .toReversed()
          .flatMap((line) => parseLine(line) ?? []);
      }
    } finally {
      await file.close();
    }
  }
}

/** Writes `history.ndjson`; under the lock of its folder alone. */
export class HistoryWriter {
  private constructor(
    private readonly file: FileHandle,
    private end: number,
  ) {}

  /** Opens the file behind its whole lines, and makes it if need be. */
  static async open(folder: string, whole: number): Promise<HistoryWriter> {
    const path = join(folder, FILE);
    const file = (await openIfThere(path, 'r+')) ?? (await open(path, 'wx+'));
    return new HistoryWriter(file, whole);
  }

  /** Appends whole lines. */
  async append(lines: readonly HistoryLine[]): Promise<void> {
    await this.write(lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  }

  /** Writes a line that ends in a space: a torn one to every reader, until `finish` makes the space a line feed. */
  async begin(line: HistoryLine): Promise<void> {
    await this.write(`${JSON.stringify(line)} `);
  }

  /** Needs no space on the disk, so a full one cannot stop it. */
  async finish(end = this.end): Promise<void> {
    await this.file.write(Buffer.of(LINE_FEED), 0, 1, end - 1);
    await this.file.sync();
    this.end = end;
  }

  /** Cuts off what is behind `end`. */
  async cut(end = this.end): Promise<void> {
    await this.file.truncate(end);
    await this.file.sync();
    this.end = end;
  }

  async close(): Promise<void> {
    await this.file.close();
  }

  private async write(text: string): Promise<void> {
    const bytes = Buffer.from(text);
    if (bytes.length === 0) return;
    const start = this.end;
    try {
      for (let done = 0; done < bytes.length;)
        done += (await this.file.write(bytes, done, bytes.length - done, start + done)).bytesWritten;
      await this.file.sync();
    } catch (error) {
      await this.file.truncate(start).catch(() => undefined);
      throw error;
    }
    this.end = start + bytes.length;
  }
}

async function openIfThere(path: string, flag: 'r' | 'r+' = 'r'): Promise<FileHandle | undefined> {
  return open(path, flag).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
}

async function readText(file: FileHandle, start: number, end: number): Promise<string> {
  const block = Buffer.alloc(end - start);
  let length = 0;
  for (;;) {
    const { bytesRead } = await file.read(block, length, block.length - length, start + length);
    length += bytesRead;
    if (bytesRead === 0) return block.toString('utf8', 0, length);
  }
}

/** Goes on behind the whole lines that `from` knows, block by block, so that the loop is never held for long. */
async function readOn(file: FileHandle, from: HistoryState): Promise<HistoryState> {
  const history = from.history.copy();
  const block = Buffer.alloc(BLOCK);
  let { whole } = from;
  let rest = Buffer.of();
  for (let position = whole; ;) {
    const { bytesRead } = await file.read(block, 0, BLOCK, position);
    if (bytesRead === 0) return { history, whole, torn: rest };
    position += bytesRead;
    const text = Buffer.concat([rest, block.subarray(0, bytesRead)]);
    let start = 0;
    for (let end = text.indexOf(LINE_FEED); end !== -1; end = text.indexOf(LINE_FEED, start)) {
      history.add(end - start > LINE_BYTES ? undefined : parseLine(text.toString('utf8', start, end)));
      start = end + 1;
    }
    if (start > 0) whole = position - (text.length - start);
    rest = text.subarray(start, start + LINE_BYTES + 1);
  }
}
