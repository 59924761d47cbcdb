import { closeSync, fstatSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { makeFolder } from '../files/writable-folder.js';
import { newBeginning } from './line-digest.js';
import type { Mark } from './open-marks.js';
import { FILE_MODE, FOLDER_MODE } from './record-name.js';
import { lastOf, WrittenLines } from './written-lines.js';

/** One append-only file of whole lines, opened exclusively: no other process ever writes to it. */
export class RecordFile {
  private size = 0;
  private isTorn = false;
  isClosed = false;

  private constructor(
    private readonly fd: number,
    readonly mark: Mark,
    /** Days since 1970, in UTC. */
    readonly day: number,
    /** Number of the last line that was written, or given out to be. */
    public lines: number,
    /** Digest of that line. */
    public last: string,
    /** What stands in it: less than was given out, where lines wait. */
    readonly written: WrittenLines,
  ) {}

  /**
   * Makes the file that `mark` names, and its folder if need be. Its lines are numbered on from those of `before`, if any.
   * @throws NodeJS.ErrnoException
   */
  static open(mark: Mark, day: number, before?: RecordFile): RecordFile {
    makeFolder(dirname(mark.path), FOLDER_MODE);
    const fd = openSync(mark.path, 'ax', FILE_MODE);
    const beginning = newBeginning();
    const { lines, last } = before?.written ?? { lines: 0, last: beginning };
    const written = new WrittenLines(lines, last);
    return new RecordFile(fd, mark, day, before?.lines ?? 0, before?.last ?? beginning, written);
  }

  get bytes(): number {
    return this.size;
  }

  /** Whether it ends with a whole line, as far as this process can see to it. */
  get isWhole(): boolean {
    return !this.isTorn;
  }

  /** Somebody deleted the file; what is written to it now would be gone with the descriptor. */
  get isDeleted(): boolean {
    return fstatSync(this.fd).nlink === 0;
  }

  /** Takes in that lines were given out, by their digests. */
  give(records: number, digests: string): void {
    this.lines += records;
    this.last = lastOf(digests, this.last);
  }

  /**
   * Appends whole lines or nothing: a short write (the first sign of a full disk) goes on, and a failed one is cut off.
   * @throws NodeJS.ErrnoException of the write.
   */
  append(lines: Buffer, records: number, digests: string): void {
    let done = 0;
    try {
      while (done < lines.length) done += writeSync(this.fd, lines, done);
    } catch (error) {
      if (done > 0) this.cutOff();
      throw error;
    }
    this.size += lines.length;
    this.written.add(records, digests);
  }

  /** Closes the file for good, also where that fails: its number may soon be that of another file. */
  close(): void {
    this.isClosed = true;
    closeSync(this.fd);
  }

  private cutOff(): void {
    try {
      ftruncateSync(this.fd, this.size);
    } catch {
      this.isTorn = true;
    }
  }
}
