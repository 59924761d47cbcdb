import { readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { OPEN } from './open-marks.js';
import { FILE_MODE, isRecordName, markedPath } from './record-name.js';

/** Of a file without a mark nothing is known but when it was written to last. */
const UNTOUCHED_MS = 600_000;
const DONE = 'scanned';

/**
 * Record files without marks: those of earlier builds, and all of them where somebody took the folder of the marks away.
 * They are looked through once, each when nobody has written to it for ten minutes, whatever name and process number it
 * has: the process may be one of another container, where an earlier build is still at work.
 */
export class MarklessFiles {
  /** Those that are not looked at yet; undefined: the tree has not been read. */
  private waiting: string[] | undefined;
  private isClosed = false;

  constructor(
    private readonly root: string,
    private readonly mend: (path: string) => Promise<void>,
  ) {}

  private get done(): string {
    return join(this.root, OPEN, DONE);
  }

  /** `now` is by the clock of the file system; undefined: not known yet. */
  async look(now: number | undefined): Promise<void> {
    if (now === undefined || (await this.isDone())) return;
    const waiting = this.waiting ?? (await this.files());
    if (waiting === undefined) return;
    const left: string[] = [];
    for (const path of waiting) {
      if (this.isClosed) return;
      if (!(await this.isOver(path, now))) left.push(path);
    }
    this.waiting = left;
    if (left.length === 0) await writeFile(this.done, '', { mode: FILE_MODE });
  }

  close(): void {
    this.isClosed = true;
  }

  private isDone(): Promise<boolean> {
    return stat(this.done).then(
      () => true,
      () => false,
    );
  }

  /** Undefined where somebody moved or removed folders meanwhile: the next look sees more. */
  private async files(): Promise<string[] | undefined> {
    try {
      const entries = await readdir(this.root, { recursive: true, withFileTypes: true });
      const marked = new Set(entries.map(({ name }) => markedPath(this.root, name)));
      return entries
        .filter((entry) => entry.isFile() && isRecordName(entry.name))
        .map(({ parentPath, name }) => join(parentPath, name))
        .filter((path) => !marked.has(path));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  }

  /** Whether nothing is left to do for a file. One that cannot be mended now is tried again. */
  private async isOver(path: string, now: number): Promise<boolean> {
    const file = await stat(path).catch(() => undefined);
    if (file !== undefined && Math.abs(now - file.mtimeMs) < UNTOUCHED_MS) return false;
    return this.mend(path).then(
      () => true,
      () => false,
    );
  }
}
