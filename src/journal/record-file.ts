import { closeSync, fstatSync, ftruncateSync, openSync, readdirSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { HOST } from '../files/process-owner.js';
import { makeFolder } from '../files/writable-folder.js';

/** `<host>-<pid>-<n>.ndjson`: who writes the file, and which of his files it is. */
const NAME = /^(?<host>.+)-(?<pid>\d+)-(?<n>\d+)\.ndjson$/;

/** Host and process that a record file belongs to; undefined where the name is not one of ours. */
export function writerOf(name: string): { host: string; pid: number; isThisHost: boolean } | undefined {
  const { host, pid } = NAME.exec(name)?.groups ?? {};
  return host === undefined ? undefined : { host, pid: Number(pid), isThisHost: host === HOST };
}

/** One append-only file of whole lines, opened exclusively: no other process ever writes to it. */
export class RecordFile {
  private size = 0;

  private constructor(
    private readonly fd: number,
    readonly path: string,
  ) {}

  /** Opens the next free number in `folder`, which is made if need be. */
  static openNext(folder: string): RecordFile {
    makeFolder(folder);
    const mine = `${HOST}-${process.pid}-`;
    const taken = readdirSync(folder).filter((name) => name.startsWith(mine));
    let n = 1 + Math.max(0, ...taken.map((name) => Number(NAME.exec(name)?.groups?.['n'] ?? 0)));
    for (;;) {
      const path = join(folder, `${mine}${n}.ndjson`);
      try {
        return new RecordFile(openSync(path, 'ax'), path);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
        n++;
      }
    }
  }

  get bytes(): number {
    return this.size;
  }

  /** Somebody deleted the file; what is written to it now would be gone with the descriptor. */
  get isDeleted(): boolean {
    return fstatSync(this.fd).nlink === 0;
  }

  /**
   * Appends whole lines or nothing: a short write (the first sign of a full disk) goes on, and a failed one is cut off.
   * @throws NodeJS.ErrnoException of the write.
   */
  append(lines: Buffer): void {
    let done = 0;
    try {
      while (done < lines.length) done += writeSync(this.fd, lines, done);
    } catch (error) {
      if (done > 0) ftruncateSync(this.fd, this.size);
      throw error;
    }
    this.size += lines.length;
  }

  close(): void {
    closeSync(this.fd);
  }

  /** Closes a file that failed, and removes it if it holds no line. What goes wrong here, the failure has told already. */
  giveUp(): void {
    try {
      this.close();
      if (this.size === 0) rmSync(this.path);
    } catch {
      return;
    }
  }
}
