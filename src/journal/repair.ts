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
import { StartupFault } from '../errors/startup-fault.js';
import { isAlive } from '../files/process-owner.js';
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
 * @throws StartupFault that names a file which the process may not read, or a torn one which it may not write to.
 */
export function repairTree(root: string): Repair[] {
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ndjson'))
    .map((entry) => join(entry.parentPath, entry.name))
    .flatMap((path) => repairFile(path) ?? []);
}

function repairFile(path: string): Repair | undefined {
  const { whole, torn } = readTorn(path);
  if (torn.length === 0) return undefined;
  const fd = open(path, 'r+');
  try {
    appendFileSync(`${path}.torn`, torn, { flush: true });
    ftruncateSync(fd, whole);
    fsyncSync(fd);
    return { path, bytes: torn.length };
  } finally {
    closeSync(fd);
  }
}

/** What is torn of a file that nobody has open any more, and where it begins. Asks no more than to read: most are whole. */
function readTorn(path: string): { whole: number; torn: Buffer } {
  const fd = open(path, 'r');
  try {
    const { size, mtimeMs } = fstatSync(fd);
    const whole = wholeBytes(fd, size);
    if (whole === size || mayBeOpen(path, mtimeMs)) return { whole: size, torn: Buffer.of() };
    const torn = Buffer.alloc(size - whole);
    readSync(fd, torn, 0, torn.length, whole);
    return { whole, torn };
  } finally {
    closeSync(fd);
  }
}

function open(path: string, flag: 'r' | 'r+'): number {
  try {
    return openSync(path, flag);
  } catch (error) {
    const task = flag === 'r' ? 'look for' : 'cut off';
    const what = `record file ${path} cannot be opened to ${task} a torn last line: ${(error as Error).message}`;
    throw new StartupFault([{ what, mend: 'let the process read and write that file' }]);
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
