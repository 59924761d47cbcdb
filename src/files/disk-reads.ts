import { type Dirent, readdirSync, readFileSync, type Stats, statSync } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';

/** How files are read. */
export interface DiskReads {
  file(path: string): Promise<Buffer>;
  stat(path: string): Promise<Stats>;
  /** All that lies in a folder and those below it. */
  entries(folder: string): Promise<Dirent[]>;
}

/** On the thread pool: others are served meanwhile, however long the disk takes. */
export const POOLED: DiskReads = {
  file: (path) => readFile(path),
  stat: (path) => stat(path),
  entries: (folder) => readdir(folder, { recursive: true, withFileTypes: true }),
};

/**
 * At once, for a start that serves nobody yet: of a thousand models there are some ninety thousand ways to the pool and back,
 * which took a quarter of its CPU.
 */
export const AT_ONCE: DiskReads = {
  file: async (path) => Promise.resolve(readFileSync(path)),
  stat: async (path) => Promise.resolve(statSync(path)),
  entries: async (folder) => Promise.resolve(readdirSync(folder, { recursive: true, withFileTypes: true })),
};
