import { createHash } from 'node:crypto';
import { rm, stat } from 'node:fs/promises';
import { digestAt } from './erased-line.js';
import { recordBytes, wholeLines } from './record-lines.js';
import type { SealChain } from './seal-chain.js';
import { type FileSealed, sealedName } from './seal-entries.js';
import type { LinesSeal } from './written-lines.js';

const LINE_FEED = 0x0a;

/** Seals a file that its writer did not, as it is found, and tells so; one without lines is removed. One that is gone is left to `log verify`. */
export async function sealAsFound(
  root: string,
  path: string,
  by: FileSealed['by'],
  seals: SealChain,
  told: (seal: FileSealed) => void,
): Promise<void> {
  const file = await stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (file === undefined) return;
  const seal = { sealed: sealedName(root, path), ...(await readLines(path)), by };
  await seals.appendOnPool(seal);
  told(seal);
  if (file.size === 0) await rm(path, { force: true });
}

/** What a seal says of the lines of a file, packed or not. @throws NodeJS.ErrnoException */
async function readLines(path: string): Promise<LinesSeal> {
  const all = createHash('sha256');
  let count = 0;
  let last = '';
  for await (const lines of wholeLines(recordBytes(path))) {
    let digests = '';
    for (let start = 0; start < lines.length;) {
      const feed = lines.indexOf(LINE_FEED, start);
      const end = feed === -1 ? lines.length : feed;
      last = digestAt(lines, start, end);
      digests += last;
      count++;
      start = end + 1;
    }
    all.update(digests);
  }
  return { count, last, digests: all.digest('base64url') };
}
