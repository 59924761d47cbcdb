import { createHash } from 'node:crypto';
import { pipeline } from 'node:stream/promises';
import { recordBytes } from './record-lines.js';

/** Whether two record files, packed or not, hold the same bytes. @throws NodeJS.ErrnoException if one cannot be read. */
export async function isSameContent(one: string, other: string): Promise<boolean> {
  return (await digestOf(one)) === (await digestOf(other));
}

async function digestOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(recordBytes(path), hash);
  return hash.digest('hex');
}
