import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { StartupFault } from '../errors/startup-fault.js';
import { FILE_MODE } from './record-name.js';

const BLOCK = 65_536;
const LINE_FEED = 0x0a;

/** A torn last line that was moved out of a record file into `<file>.torn`. */
export interface Repair {
  readonly path: string;
  readonly bytes: number;
}

/**
 * Cuts off the torn last line that a killed process left behind, so that the file holds whole lines; a torn line was
 * never acknowledged. The file must be nobody's any more. Whoever does this twice, at the same time as another, or only
 * half, changes nothing beyond that: the same bytes go to the same place.
 * @returns undefined where the file is whole or gone.
 * @throws StartupFault that names a file which the process may not read, or a torn one which it may not write to;
 * NodeJS.ErrnoException where the disk cannot at the moment.
 */
export async function repairFile(path: string): Promise<Repair | undefined> {
  const file = await openIfThere(path, 'r');
  if (file === undefined) return undefined;
  let whole: number;
  let torn: Buffer;
  try {
    const { size } = await file.stat();
    whole = await wholeBytes(file, size);
    torn = Buffer.alloc(size - whole);
    const { bytesRead } = await file.read(torn, 0, torn.length, whole);
    // Fewer: somebody else has cut it off in the meantime.
    if (torn.length === 0 || bytesRead < torn.length) return undefined;
  } finally {
    await file.close();
  }
  return (await cutOff(path, whole, torn)) ? { path, bytes: torn.length } : undefined;
}

async function cutOff(path: string, whole: number, torn: Buffer): Promise<boolean> {
  const file = await openIfThere(path, 'r+');
  if (file === undefined) return false;
  try {
    await keep(`${path}.torn`, torn);
    await file.truncate(whole);
    await file.sync();
    return true;
  } finally {
    await file.close();
  }
}

async function keep(path: string, torn: Buffer): Promise<void> {
  const file = await open(path, constants.O_RDWR | constants.O_CREAT, FILE_MODE);
  try {
    let done = 0;
    while (done < torn.length) done += (await file.write(torn, done, torn.length - done, done)).bytesWritten;
    await file.sync();
  } finally {
    await file.close();
  }
}

async function openIfThere(path: string, flag: 'r' | 'r+'): Promise<FileHandle | undefined> {
  try {
    return await open(path, flag);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    if (code !== 'EACCES' && code !== 'EPERM' && code !== 'EROFS') throw error;
    const task = flag === 'r' ? 'look for' : 'cut off';
    const what = `record file ${path} cannot be opened to ${task} a torn last line: ${message}`;
    throw new StartupFault([{ what, mend: 'let the process read and write that file' }]);
  }
}

/** Number of bytes up to and including the last line feed. */
async function wholeBytes(file: FileHandle, size: number): Promise<number> {
  const block = Buffer.alloc(Math.min(BLOCK, size));
  for (let end = size; end > 0; end -= BLOCK) {
    const start = Math.max(0, end - BLOCK);
    const { bytesRead } = await file.read(block, 0, end - start, start);
    const place = block.subarray(0, bytesRead).lastIndexOf(LINE_FEED);
    if (place !== -1) return start + place + 1;
  }
  return 0;
}
