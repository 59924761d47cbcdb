import { join, relative, sep } from 'node:path';
import { POOLED } from '../files/disk-reads.js';
import { ArtifactFault, cannotBeRead } from './artifact-fault.js';

/**
 * The files of a version folder, sorted, with `/` between their parts.
 * @throws ArtifactFault if the folder cannot be read or holds anything but files and folders.
 */
export async function listFiles(folder: string, reads = POOLED): Promise<string[]> {
  const entries = await reads.entries(folder).catch(cannotBeRead('the folder'));
  const stray = entries.find((entry) => !entry.isFile() && !entry.isDirectory());
  if (stray) throw new ArtifactFault(`${stray.name} is neither a file nor a folder (links are refused)`);
  return entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => relative(folder, join(parentPath, name)).split(sep).join('/'))
    .toSorted();
}
