import { createReadStream, createWriteStream, existsSync, readdirSync, statSync } from 'node:fs';
import { chown, open, rename, rm, rmdir, utimes } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { isAbandoned, ownedName } from '../files/process-owner.js';
import { syncFolder } from '../files/sync-folder.js';
import { makeFolder } from '../files/writable-folder.js';
import { alone } from './ledger.js';
import { mayBeOpen } from './open-files.js';
import { daysBefore, filesBelow } from './record-tree.js';
import { isSameContent } from './same-content.js';

/** What became of a file of a past day. */
export type PackStep =
  | { readonly path: string; readonly bytes: number; readonly packed: number }
  | { readonly path: string; readonly kept: string };

/** Where files are packed, which no one takes for records. */
const WORKSHOP = '.compressing';
const LINE_FEED = 0x0a;

/**
 * Packs the record files of past days, each into one of the same name and `.gz`. A file is removed when what is packed has
 * been read back and is on the disk; a kill leaves one of them or both, and the next time goes on from there.
 */
export async function* compressTree(root: string, now = new Date()): AsyncGenerator<PackStep, void> {
  const workshop = join(root, WORKSHOP);
  makeFolder(workshop);
  try {
    await clear(workshop);
    for (const day of daysBefore(root, now.toISOString().slice(0, 10))) {
      for (const path of filesBelow(day.path)) {
        if (!path.endsWith('.ndjson') || statSync(path).size === 0) continue;
        const kept = await reasonToKeep(path, now);
        if (kept !== undefined) yield { path, kept };
        else yield await alone(root, () => pack(path, join(workshop, `${ownedName('packed')}.gz`)));
      }
    }
  } finally {
    // Another process may work there.
    await rmdir(workshop).catch(() => {});
  }
}

async function reasonToKeep(path: string, now: Date): Promise<string | undefined> {
  if (mayBeOpen(path, now)) return 'it was written to within a day';
  if (!(await endsWithLine(path)))
    return 'its last line is torn; the next start of its server moves it aside';
  if (existsSync(`${path}.gz`) && !(await isSameContent(path, `${path}.gz`)))
    return `${path}.gz is there with other content`;
  return undefined;
}

async function pack(path: string, temporary: string): Promise<PackStep> {
  const { size, mode, uid, gid, atime, mtime } = statSync(path);
  if (!existsSync(`${path}.gz`)) {
    const file = createWriteStream(temporary, { mode: mode & 0o777, flush: true });
    await pipeline(createReadStream(path), createGzip(), file);
    // Who may read it, and the age by which it is known to be done with.
    if (process.getuid?.() === 0) await chown(temporary, uid, gid);
    await utimes(temporary, atime, mtime);
    if (!(await isSameContent(path, temporary))) {
      await rm(temporary);
      return { path, kept: 'it changed while it was packed' };
    }
    await rename(temporary, `${path}.gz`);
  }
  await syncFolder(dirname(path));
  await rm(path);
  await syncFolder(dirname(path));
  return { path, bytes: size, packed: statSync(`${path}.gz`).size };
}

/** Removes what a killed process left half packed. */
export async function clearWorkshop(root: string): Promise<void> {
  const workshop = join(root, WORKSHOP);
  if (existsSync(workshop)) await clear(workshop);
}

async function clear(workshop: string): Promise<void> {
  for (const name of readdirSync(workshop)) {
    const path = join(workshop, name);
    if (isAbandoned(name, statSync(path).mtimeMs)) await rm(path);
  }
}

async function endsWithLine(path: string): Promise<boolean> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const { buffer } = await file.read(Buffer.alloc(1), 0, 1, size - 1);
    return buffer[0] === LINE_FEED;
  } finally {
    await file.close();
  }
}
