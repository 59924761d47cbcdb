import { type Dirent, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** The records of one day of a model. */
export interface DayFolder {
  readonly model: string;
  /** In UTC, yyyy-mm-dd. */
  readonly date: string;
  readonly path: string;
}

const RECORD_FILE = /\.ndjson(?:\.gz)?$/;

/** Every file below `root`, folder by folder, in the order of names. What begins with a dot holds no records. */
export function* filesBelow(root: string): Generator<string, void> {
  for (const entry of entriesOf(root)) {
    const path = join(root, entry.name);
    if (entry.isDirectory()) yield* filesBelow(path);
    else if (entry.isFile()) yield path;
  }
}

/** The folders of the days, model by model, oldest first. */
export function* dayFolders(root: string): Generator<DayFolder, void> {
  for (const model of foldersOf(root, /^model=(.+)$/)) {
    for (const day of foldersOf(model.path, /^date=(\d{4}-\d{2}-\d{2})$/))
      yield { model: model.value, date: day.value, path: day.path };
  }
}

/** Those of the days before `date`. */
export function* daysBefore(root: string, date: string): Generator<DayFolder, void> {
  for (const day of dayFolders(root)) if (day.date < date) yield day;
}

/** Whether a file has records, packed or not; what a repair moved aside (`.torn`) has none. */
export function isRecordFile(path: string): boolean {
  return RECORD_FILE.test(path);
}

/** The name that a record file has while it is not packed. */
export function plainName(path: string): string {
  return path.replace(/\.gz$/, '');
}

function foldersOf(folder: string, name: RegExp): { value: string; path: string }[] {
  return entriesOf(folder).flatMap((entry) => {
    const value = name.exec(entry.name)?.[1];
    return value !== undefined && entry.isDirectory() ? [{ value, path: join(folder, entry.name) }] : [];
  });
}

function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter(({ name }) => !name.startsWith('.'))
      .toSorted((a, b) => (a.name < b.name ? -1 : 1));
  } catch (error) {
    // Pruned while we look.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
