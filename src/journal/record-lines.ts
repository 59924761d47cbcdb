import { constants } from 'node:buffer';
import { createReadStream } from 'node:fs';
import { pipeline, type Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';

const BLOCK = 1_048_576;
const LINE_FEED = 0x0a;
/** No longer text can be parsed. */
const LONGEST = constants.MAX_STRING_LENGTH;

/** Where a line of such a piece ends: at its line feed, or with the piece. */
export function endOfLine(lines: Buffer, start: number): number {
  const feed = lines.indexOf(LINE_FEED, start);
  return feed === -1 ? lines.length : feed;
}

/** The bytes of a record file, unpacked where its name ends in `.gz`. */
export function recordBytes(path: string): Readable {
  const bytes = createReadStream(path, { highWaterMark: BLOCK });
  // An error of the file is met by whoever reads on.
  return path.endsWith('.gz') ? pipeline(bytes, createGunzip({ chunkSize: BLOCK }), () => {}) : bytes;
}

/**
 * A file in pieces of whole lines; the last may lack its line feed. A line ends at a line feed and at nothing else: other
 * ends of a line, as `readline` knows them, stand within a JSON text as they are. A line longer than `longest` is
 * cut to what is no JSON.
 */
export async function* wholeLines(
  blocks: AsyncIterable<Buffer>,
  longest = LONGEST,
): AsyncGenerator<Buffer, void> {
  let begun: Buffer[] = [];
  let length = 0;
  for await (const block of blocks) {
    const end = block.lastIndexOf(LINE_FEED) + 1;
    if (end > 0) {
      yield begun.length > 0 ? Buffer.concat([...begun, block.subarray(0, end)]) : block.subarray(0, end);
      begun = [];
      length = 0;
    }
    if (end === block.length) continue;
    begun.push(block.subarray(end));
    length += block.length - end;
    if (length <= longest) continue;
    begun = [Buffer.of(0)];
    length = 1;
  }
  if (length > 0) yield Buffer.concat(begun);
}
