import { createWriteStream } from 'node:fs';
import { chown, rename, rm, stat, utimes } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { syncFolder } from '../files/sync-folder.js';
import { erasedLine } from './erased-line.js';
import { digestOf } from './line-digest.js';
import { endOfLine, recordBytes, wholeLines } from './record-lines.js';
import type { ErasedRecord } from './seal-entries.js';
import type { RecordFields, Selection } from './selection.js';

/** The records of a file that are to be erased, in the order of their lines. */
export async function chosenIn(path: string, selection: Selection): Promise<ErasedRecord[]> {
  const chosen: ErasedRecord[] = [];
  let line = 0;
  for await (const lines of wholeLines(recordBytes(path))) {
    // Most blocks of a tree have none.
    const mayHave = selection.texts.some((text) => lines.includes(text));
    for (let start = 0; start < lines.length; line++) {
      const end = endOfLine(lines, start);
      const bytes = lines.subarray(start, end + 1);
      start = end + 1;
      const record = mayHave && selection.texts.some((text) => bytes.includes(text)) && parse(bytes);
      if (!record || !selection.matches(record)) continue;
      const { prediction_id: id, previous } = record;
      chosen.push({
        line: line + 1,
        id: typeof id === 'string' ? id : '',
        digest: digestOf(bytes),
        previous: typeof previous === 'string' ? previous : null,
      });
    }
  }
  return chosen;
}

/** Makes a file at `temporary` that has what `path` has, packed or not as that is, but for erased lines; it is on the disk then. */
export async function copyWithout(
  path: string,
  temporary: string,
  chosen: readonly ErasedRecord[],
): Promise<void> {
  const { mode, uid, gid, atime, mtime } = await stat(path);
  const file = createWriteStream(temporary, { mode: mode & 0o777, flush: true });
  const left = leftOf(path, new Map(chosen.map(({ line, digest }) => [line, digest])));
  await (path.endsWith('.gz') ? pipeline(left, createGzip(), file) : pipeline(left, file));
  // Who may read it, and the age by which it is known to be done with.
  if (process.getuid?.() === 0) await chown(temporary, uid, gid);
  await utimes(temporary, atime, mtime);
}

/** Puts a file in the place of another, whole or not at all. */
export async function replace(temporary: string, path: string): Promise<void> {
  await rename(temporary, path);
  await syncFolder(dirname(path));
}

/** Removes what is not finished. */
export async function forget(temporary: string): Promise<void> {
  await rm(temporary, { force: true });
}

async function* leftOf(path: string, digests: ReadonlyMap<number, string>): AsyncGenerator<Buffer, void> {
  let line = 0;
  for await (const lines of wholeLines(recordBytes(path))) {
    const pieces: Buffer[] = [];
    let kept = 0;
    for (let start = 0; start < lines.length;) {
      const end = endOfLine(lines, start);
      const digest = digests.get(++line);
      if (digest !== undefined) {
        const { seq } = parse(lines.subarray(start, end)) ?? {};
        pieces.push(
          lines.subarray(kept, start),
          Buffer.from(erasedLine(digest, typeof seq === 'number' ? seq : null)),
        );
        kept = end + 1;
      }
      start = end + 1;
    }
    pieces.push(lines.subarray(kept));
    yield Buffer.concat(pieces);
  }
}

function parse(line: Buffer): RecordFields | undefined {
  try {
    return (JSON.parse(line.toString()) ?? undefined) as RecordFields | undefined;
  } catch {
    // A line that is torn is no record.
    return undefined;
  }
}
