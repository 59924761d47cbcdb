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

/** Whether two folders hold the same files, byte for byte. */
export async function sameFiles(one: string, other: string): Promise<boolean> {
  return contentDigest(await fileDigests(one)) === contentDigest(await fileDigests(other));
}

async function fileDigests(folder: string): Promise<Map<string, string>> {
  const digests = new Map<string, string>();
  for (const name of await listFiles(folder)) {
    const hash = createHash('sha256');
    for await (const part of createReadStream(join(folder, name))) hash.update(part as Buffer);
    digests.set(name, hash.digest('hex'));
  }
  return digests;
}
