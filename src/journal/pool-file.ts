import { type FileHandle, open, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { makeDurableFolder } from '../files/folder-on-pool.js';
import { syncFolder } from '../files/sync-folder.js';
import type { Mark } from './open-marks.js';
import { FILE_MODE, FOLDER_MODE } from './record-name.js';
import type { WrittenLines } from './written-lines.js';

/** Whether what failed is that something reached the disk; the kernel says so by the name of the call. */
export function isSyncFailure(error: unknown): boolean {
  const { syscall } = error as NodeJS.ErrnoException;
  return syscall === 'fsync' || syscall === 'fdatasync';
}

/** A record file as `RecordFile` is one, whose every call is on the thread pool, and which outlives a crash of the machine. */
export class PoolFile {
  /** Bytes that are on the disk. */
  size = 0;
  /** Whether it ends with a whole line, as far as this process can see to it. */
  isWhole = true;

  private constructor(
    private readonly handle: FileHandle,
    readonly mark: Mark,
    /** The lines that are on the disk. */
    readonly written: WrittenLines,
  ) {}

  /**
   * Makes the file that `mark` names; its name outlives a crash of the machine too. One descriptor at a time, because
   * there may be no more. @throws NodeJS.ErrnoException
   */
  static async open(mark: Mark, written: WrittenLines): Promise<PoolFile> {
    const day = dirname(mark.path);
    await makeDurableFolder(day, FOLDER_MODE);
    const made = await open(mark.path, 'ax', FILE_MODE);
    try {
      await made.sync();
      await made.close();
      // Another process may have made the folders a moment ago, so they are synced whoever made them.
      for (const folder of [day, dirname(day), join(day, '../..')]) await syncFolder(folder);
      return new PoolFile(await open(mark.path, 'a'), mark, written);
    } catch (error) {
      await made.close().catch(() => undefined);
      await rm(mark.path, { force: true }).catch(() => undefined);
      throw error;
    }
  }

  /** Somebody deleted the file; what is written to it now would be gone with the descriptor. */
  async isDeleted(): Promise<boolean> {
    return (await this.handle.stat()).nlink === 0;
  }

  /** Appends whole lines, and returns when they are on the disk. @throws NodeJS.ErrnoException */
  async append(lines: Buffer, records: number, digests: string): Promise<void> {
    this.isWhole = false;
    for (let done = 0; done < lines.length;) done += (await this.handle.write(lines, done)).bytesWritten;
    await this.handle.datasync();
    this.size += lines.length;
    this.written.add(records, digests);
    this.isWhole = true;
  }

  /** Takes away what came after the last line that is on the disk. Fails silently: `isWhole` says so. */
  async cutOff(): Promise<void> {
    try {
      if (this.isWhole) return;
      await this.handle.truncate(this.size);
      this.isWhole = true;
    } catch {
      return;
    }
  }

  close(): Promise<void> {
    return this.handle.close();
  }
}
