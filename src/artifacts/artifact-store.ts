import type { Dirent } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { POOLED } from '../files/disk-reads.js';
import { namesIn, SUMS } from './sums.js';

const MODEL = /^[a-z0-9][a-z0-9._-]{0,62}$/;
const VERSION = /^[0-9]{1,9}$/;
/** Why a link is refused. */
export const LINK = 'is a symbolic link; put the folder itself there';

/** A name in the artifact folder that should be a folder, and why it is none. */
export interface Entry {
  readonly name: string;
  readonly fault?: string;
}

/** Whether a model may be called so. */
export const isModelName = (name: string): boolean => MODEL.test(name);

/** What lies under the names that a model can have, in their order. @throws NodeJS.ErrnoException */
export async function listModels(root: string): Promise<readonly Entry[]> {
  return (await list(root, MODEL)).toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/** The version folders of a model, ascending by number. @throws NodeJS.ErrnoException */
export async function listVersions(root: string, model: string): Promise<readonly Entry[]> {
  return (await list(join(root, model), VERSION)).toSorted((a, b) => Number(a.name) - Number(b.name));
}

async function list(folder: string, pattern: RegExp): Promise<Entry[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  return entries.filter(({ name }) => pattern.test(name)).flatMap((entry) => asEntry(entry) ?? []);
}

function asEntry(entry: Dirent): Entry | undefined {
  if (entry.isDirectory()) return { name: entry.name };
  return entry.isSymbolicLink() ? { name: entry.name, fault: LINK } : undefined;
}

/**
 * Names, sizes and times of all files of a version folder in one text: as long as it stays, nothing has been written.
 * The times are those of the inode, which nobody can set, and which a change of permissions moves too.
 */
export async function signatureOf(folder: string, reads = POOLED): Promise<string> {
  const entries = await reads.entries(folder);
  const lines = await Promise.all(
    entries.map(async (entry) => {
      const path = join(entry.parentPath, entry.name);
      if (!entry.isFile()) return `${path} ${entry.isDirectory()}`;
      const { size, ctimeMs } = await reads.stat(path);
      return `${path} ${size} ${ctimeMs}`;
    }),
  );
  return lines.toSorted().join('\n');
}

/** The text of a version folder's SHA256SUMS; undefined where it is not there or cannot be read. */
export async function sumsOf(folder: string, reads = POOLED): Promise<string | undefined> {
  const bytes = await reads.file(join(folder, SUMS)).catch(() => undefined);
  return bytes?.toString('utf8');
}

/** The first file that a version folder still waits for; undefined: it has all that its SHA256SUMS names. */
export async function missingFile(folder: string, reads = POOLED): Promise<string | undefined> {
  const sums = await sumsOf(folder, reads);
  if (sums === undefined) return SUMS;
  const entries = await reads.entries(folder);
  const present = new Set(
    entries.map(({ parentPath, name }) => relative(folder, join(parentPath, name)).replaceAll('\\', '/')),
  );
  return namesIn(sums).find((name) => !present.has(name));
}
