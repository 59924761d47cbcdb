import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { listFiles } from './list-files.js';

/**
 * One digest for a version's files: the SHA-256 of what `sha256sum` prints for them, in order of their names. Neither
 * their order in a tar nor their times change it.
 */
export function contentDigest(digests: ReadonlyMap<string, string>): string {
  const lines = [...digests].map(([name, digest]) => [name, `${digest}  ${name}\n`] as const);
  const hash = createHash('sha256');
  for (const [, line] of lines.toSorted(([a], [b]) => (a < b ? -1 : 1))) hash.update(line);
  return hash.digest('hex');
}

/** The same of the files as they lie in a folder. @throws ArtifactFault if it cannot be read. */
export async function digestOfFolder(folder: string): Promise<string> {
  return contentDigest(await fileDigests(folder));
}

/** SHA-256 of a file, in hexadecimal. */
export async function digestOfFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const part of createReadStream(path)) hash.update(part as Buffer);
  return hash.digest('hex');
}

/** Whether two folders hold the same files, byte for byte. */
export async function sameFiles(one: string, other: string): Promise<boolean> {
  return (await digestOfFolder(one)) === (await digestOfFolder(other));
}

async function fileDigests(folder: string): Promise<Map<string, string>> {
  const digests = new Map<string, string>();
  for (const name of await listFiles(folder)) digests.set(name, await digestOfFile(join(folder, name)));
  return digests;
}
