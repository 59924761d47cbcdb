import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { StartupFault } from '../errors/startup-fault.js';

const PROBE_BYTES = 65_536;

/** Makes a folder and those above it. Node's own `recursive` never returns where a folder cannot be made (below /proc). */
export function makeFolder(path: string, mode = 0o777): void {
  if (existsSync(path)) return;
  if (dirname(path) !== path) makeFolder(dirname(path), mode);
  try {
    mkdirSync(path, mode);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

/** The file by which this process tries a folder. */
export const probePath = (folder: string): string => join(folder, `.probe-${process.pid}`);

/** Writes and removes a file of 64 KiB, or of `bytes`. @throws NodeJS.ErrnoException if that does not work. */
export function probeFolder(folder: string, bytes = PROBE_BYTES): void {
  const path = probePath(folder);
  try {
    writeFileSync(path, Buffer.alloc(bytes));
  } finally {
    rmSync(path, { force: true });
  }
}

/** A full disk is a passing state, and no reason not to start. */
export function isDiskFull(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOSPC' || code === 'EDQUOT';
}

/** Says of the folder that `setting` names why it cannot be written. */
export function folderFault(setting: string, folder: string, error: unknown): StartupFault {
  return new StartupFault([
    {
      what: `${setting} (${folder}) cannot be written: ${(error as Error).message}`,
      mend: `set ${setting} to a folder that the process may write to`,
    },
  ]);
}
