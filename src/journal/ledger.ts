import {
  closeSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readFileSync,
  statSync,
  writeSync,
} from 'node:fs';
import { rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { FolderBusy, FolderLock } from '../files/folder-lock.js';
import { makeFolder } from '../files/writable-folder.js';
import { chainedLine, type Sign } from './chained-line.js';
import { digestOf } from './line-digest.js';
import { FILE_MODE, FOLDER_MODE } from './record-name.js';
import { LEDGER, type LedgerEntry, type RecordsErased } from './seal-entries.js';

/** Where commands say that they change the tree, and make files that no one takes for records. */
const WORKSHOP = '.erasing';
const LINE_FEED = 0x0a;

/** Another command is changing the files of the same log. */
export class LogBusy extends Error {
  constructor(root: string) {
    super(`another nestor log command is changing files below ${root}; try again when it has ended`);
  }
}

/** The folder for files that are not finished; made if it is not there. */
export function workshopOf(root: string): string {
  const path = join(root, WORKSHOP);
  makeFolder(path, FOLDER_MODE);
  return path;
}

/** Does a step of `prune`, `compress` or `erase` while no other of them is at work. @throws LogBusy after five seconds */
export async function alone<T>(root: string, step: () => Promise<T> | T): Promise<T> {
  const lock = await acquire(root);
  try {
    return await step();
  } finally {
    await lock.release();
    // Unless another works there.
    await rmdir(join(root, WORKSHOP)).catch(() => undefined);
  }
}

async function acquire(root: string): Promise<FolderLock> {
  for (;;) {
    try {
      return await FolderLock.acquire(workshopOf(root));
    } catch (error) {
      if (error instanceof FolderBusy) throw new LogBusy(root);
      // The one before us has just taken the folder away.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
}

/**
 * Adds a line to the ledger, in the time that `alone` gives; it is on the disk then. What a kill has torn of a line is cut off first.
 * @throws NodeJS.ErrnoException
 */
export function enterLedger(root: string, entry: LedgerEntry, sign?: Sign): void {
  const fd = openSync(join(root, LEDGER), 'a+', FILE_MODE);
  try {
    const before = readFileSync(fd);
    const end = before.lastIndexOf(LINE_FEED) + 1;
    if (end < fstatSync(fd).size) ftruncateSync(fd, end);
    const last = before.subarray(before.lastIndexOf(LINE_FEED, Math.max(0, end - 2)) + 1, end);
    const line = Buffer.from(chainedLine(entry, end === 0 ? null : digestOf(last), sign).text);
    for (let done = 0; done < line.length;) done += writeSync(fd, line, done);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** What the ledger says, in its order; a line that is being written is not there yet. */
export function readLedger(root: string): LedgerEntry[] {
  const text = textOf(root);
  return text
    .slice(0, text.lastIndexOf('\n') + 1)
    .split('\n')
    .flatMap((line) => {
      try {
        return line === '' ? [] : [JSON.parse(line) as LedgerEntry];
      } catch {
        // Somebody has spoilt it, which `log verify` tells.
        return [];
      }
    });
}

/** Changes when the ledger does. */
export function ledgerState(root: string): string {
  const file = statSync(join(root, LEDGER), { throwIfNoEntry: false });
  return file === undefined ? '' : `${file.ino} ${file.size} ${file.mtimeMs}`;
}

/** The lines that the ledger has as erased; to be asked while nobody else writes to it, and read anew where somebody has. */
export class ErasedLines {
  private state = '';
  private files = new Map<string, Set<number>>();

  constructor(
    private readonly root: string,
    private readonly sign: Sign | undefined,
  ) {}

  has(file: string, line: number): boolean {
    const state = ledgerState(this.root);
    if (state !== this.state) {
      this.files = new Map();
      for (const entry of readLedger(this.root)) if ('erased' in entry) this.add(entry);
      this.state = state;
    }
    return this.files.get(file)?.has(line) ?? false;
  }

  enter(entry: RecordsErased): void {
    enterLedger(this.root, entry, this.sign);
    this.add(entry);
    this.state = ledgerState(this.root);
  }

  private add({ erased, records }: RecordsErased): void {
    const lines = this.files.get(erased) ?? new Set();
    for (const { line } of records) lines.add(line);
    this.files.set(erased, lines);
  }
}

function textOf(root: string): string {
  try {
    return readFileSync(join(root, LEDGER), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}
