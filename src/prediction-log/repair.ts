import {
  appendFileSync,
  closeSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readdirSync,
  readSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { writerOf } from './record-file.js';

/** A process of another host cannot be asked whether it lives; a file that nobody has touched for this long is left. */
const ABANDONED_MS = 600_000;
const BLOCK = 65_536;
const LINE_FEED = 0x0a;

/** A torn last line that was moved out of a record file into `<file>.torn`. */
export interface Repair {
  readonly path: string;
  readonly bytes: number;
}

/**
 * Cuts off the torn last lines that killed processes left behind, so that every record file holds whole lines.
 * A torn line was never acknowledged. Files of processes that live (or may live, on another host) are not touched.
 */
export function repairTree(root: string): Repair[] {
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ndjson'))
    .map((entry) => join(entry.parentPath, entry.name))
    .flatMap((path) => repairFile(path) ?? []);
}

function repairFile(path: string): Repair | undefined {
  const fd = openSync(path, 'r+');
  try {
    const { size, mtimeMs } = fstatSync(fd);
    const whole = wholeBytes(fd, size);
    if (whole === size || mayBeOpen(path, mtimeMs)) return undefined;
    const torn = Buffer.alloc(size - whole);
    readSync(fd, torn, 0, torn.length, whole);
    appendFileSync(`${path}.torn`, torn, { flush: true });
    ftruncateSync(fd, whole);
    fsyncSync(fd);
    return { path, bytes: torn.length };
  } finally {
    closeSync(fd);
  }
}

/** Number of bytes up to and including the last line feed. */
function wholeBytes(fd: number, size: number): number {
  const block = Buffer.alloc(BLOCK);
  for (let end = size; end > 0; end -= BLOCK) {
    const start = Math.max(0, end - BLOCK);
    const read = readSync(fd, block, 0, end - start, start);
    const place = block.subarray(0, read).lastIndexOf(LINE_FEED);
    if (place !== -1) return start + place + 1;
  }
  return 0;
}

function mayBeOpen(path: string, mtimeMs: number): boolean {
  const writer = writerOf(basename(path));
  if (writer === undefined) return true;
  if (!writer.isThisHost) return Date.now() - mtimeMs < ABANDONED_MS;
  // Our own pid on our own host: we have opened nothing yet, so it is a predecessor in a restarted container.
  return writer.pid !== process.pid && isAlive(writer.pid);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
