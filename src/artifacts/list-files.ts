import { readdir } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { ArtifactFault, cannotBeRead } from './artifact-fault.js';

/**
 * The files of a version folder, sorted, with `/` between their parts.
 * @throws ArtifactFault if the folder cannot be read or holds anything but files and folders.
 */
export async function listFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(
    cannotBeRead('the folder'),
  );
  const stray = entries.find((entry) => !entry.isFile() && !entry.isDirectory());
  if (stray) throw new ArtifactFault(`${stray.name} is neither a file nor a folder (links are refused)`);
  return entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => relative(folder, join(parentPath, name)).split(sep).join('/'))
    .toSorted();
}
