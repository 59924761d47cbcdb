import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { syncFolder } from './sync-folder.js';

/** As `makeFolder`, on the thread pool. `made` is called with each folder that was made, from the top. */
export async function makeFolderOnPool(
  path: string,
  mode: number,
  made: (path: string) => Promise<void> = () => Promise.resolve(),
): Promise<void> {
  try {
    await mkdir(path, mode);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return;
    if (code !== 'ENOENT' || dirname(path) === path) throw error;
    await makeFolderOnPool(dirname(path), mode, made);
    return await makeFolderOnPool(path, mode, made);
  }
  await made(path);
}

/** As `makeFolderOnPool`; what was made outlives a crash of the machine. */
export function makeDurableFolder(path: string, mode: number): Promise<void> {
  return makeFolderOnPool(path, mode, (made) => syncFolder(dirname(made)));
}
