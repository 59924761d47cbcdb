import { existsSync, readdirSync, statSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { isAbandoned, ownedName } from '../files/process-owner.js';
import type { Sign } from './chained-line.js';
import { clearWorkshop } from './compress.js';
import { chosenIn, copyWithout, forget, replace } from './erase-file.js';
import { alone, ErasedLines, workshopOf } from './ledger.js';
import { mayBeOpen } from './open-files.js';
import { OPEN } from './open-marks.js';
import { markedPath } from './record-name.js';
import { dayFolders, filesBelow, isRecordFile, plainName } from './record-tree.js';
import { readSeals, type SealBook } from './seal-book.js';
import { type ErasedRecord, sealedName } from './seal-entries.js';
import type { Selection } from './selection.js';

/** What became of a file that has such records. */
export type EraseStep =
  { readonly path: string; readonly records: number } | { readonly path: string; readonly held: string };

/** Who erases, as the ledger has it. */
export interface Eraser {
  readonly by: string;
  readonly sign?: Sign | undefined;
}

/**
 * Takes records away but for their places and digests, in every file that nobody writes to any more. They stand in the
 * ledger before they go; what a kill leaves is done when the same is erased again. @throws LogBusy, NodeJS.ErrnoException
 */
export async function* eraseTree(
  root: string,
  selection: Selection,
  { by, sign }: Eraser,
  now = new Date(),
): AsyncGenerator<EraseStep, void> {
  const workshop = workshopOf(root);
  await alone(root, () => clear(root, workshop));
  const book = await readSeals(root);
  const ledger = new ErasedLines(root, sign);
  for (const { path: day } of dayFolders(root)) {
    for (const path of filesBelow(day)) {
      if (path.endsWith('.torn')) await removeTorn(path, selection);
      if (!isRecordFile(path)) continue;
      const chosen = await chosenIn(path, selection).catch(absent);
      if (chosen.length === 0) continue;
      const held = reasonToKeep(root, path, book, now);
      if (held !== undefined) yield { path, held };
      else yield { path, records: await erase(path, chosen) };
    }
  }

  async function erase(path: string, chosen: readonly ErasedRecord[]): Promise<number> {
    const temporary = join(workshop, ownedName('erased'));
    const name = sealedName(root, path);
    try {
      return await alone(root, async () => {
        // Packed meanwhile: it comes next in the order of names.
        if (statSync(path, { throwIfNoEntry: false }) === undefined) return 0;
        await copyWithout(path, temporary, chosen);
        const records = chosen.filter(({ line }) => !ledger.has(name, line));
        if (records.length > 0) ledger.enter({ erased: name, where: selection.where, by, records });
        await replace(temporary, path);
        return chosen.length;
      });
    } finally {
      await forget(temporary);
    }
  }
}

/** Why a file is not touched; undefined: nobody writes to it any more. */
function reasonToKeep(root: string, path: string, book: SealBook, now: Date): string | undefined {
  const words = book.files.get(sealedName(root, path));
  const open = join(root, OPEN);
  const marks = existsSync(open) ? readdirSync(open, { recursive: true, encoding: 'utf8' }) : [];
  if (marks.some((name) => markedPath(root, basename(name)) === plainName(path)))
    return 'a server writes to it, or was killed and not started again';
  if (words?.head !== undefined && words.seal === undefined)
    return 'it has no seal: its server was killed and not started again';
  if (words?.seal === undefined && mayBeOpen(path, now))
    return 'it was written to within a day, and has no seal';
  return undefined;
}

/** Removes what killed commands left half done, here and where files are packed. */
async function clear(root: string, workshop: string): Promise<void> {
  await clearWorkshop(root);
  for (const name of readdirSync(workshop)) {
    const path = join(workshop, name);
    if (name.endsWith('-erased') && isAbandoned(name, statSync(path).mtimeMs))
      await rm(path, { force: true });
  }
}

/** A torn line was never acknowledged, and cannot be erased in part. */
async function removeTorn(path: string, { texts }: Selection): Promise<void> {
  const bytes = await readFile(path);
  if (texts.some((text) => bytes.includes(text))) await rm(path, { force: true });
}

/** A file may be packed or pruned meanwhile. */
function absent(error: NodeJS.ErrnoException): ErasedRecord[] {
  if (error.code === 'ENOENT') return [];
  throw error;
}
