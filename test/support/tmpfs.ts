import { spawnSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { atEnd } from './clean-up.js';
import { temporaryFolder } from './temporary-folder.js';

const mount = (folder: string, size: string): boolean =>
  spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'none', folder]).status === 0;
const unmount = (folder: string): void => void spawnSync('umount', ['--lazy', folder]);

/** Whether this process may mount; asked once, by mounting. */
export const MAY_MOUNT = ((): boolean => {
  const folder = temporaryFolder();
  const isMounted = mount(folder, '64k');
  if (isMounted) unmount(folder);
  return isMounted;
})();

/** A folder on a disk of its own that is full soon; gone when the test file is done. */
export function smallDisk(size = '512k'): string {
  const folder = temporaryFolder();
  if (!mount(folder, size)) throw new Error('mounting is not permitted');
  atEnd(() => unmount(folder));
  return folder;
}

/** Takes `bytes`, or all that is left. @returns a function that gives them back. */
export function takeSpace(folder: string, bytes = Number.POSITIVE_INFINITY): () => void {
  const path = join(folder, `ballast-${bytes}`);
  let taken = 0;
  for (let block = 65_536; block >= 1; block >>= 1) {
    while (taken + block <= bytes && appends(path, block)) taken += block;
  }
  return () => rmSync(path);
}

function appends(path: string, bytes: number): boolean {
  try {
    writeFileSync(path, Buffer.alloc(bytes), { flag: 'a' });
    return true;
  } catch {
    return false;
  }
}
