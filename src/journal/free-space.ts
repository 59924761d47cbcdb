import { statfs } from 'node:fs/promises';
import { setTimeout as after } from 'node:timers/promises';
import { atRecordDisk } from './disk-threads.js';

/** A disk that does not say by then what is free is told of by what it said last. */
const PATIENCE_MS = 50;

/** Room in the file system of a folder, asked for without waiting for a disk that stands still. */
export class FreeSpace {
  private last = { free: 0, size: 0 };
  private asking: Promise<void> | undefined;

  constructor(private readonly folder: string) {}

  /** Bytes. */
  async now(): Promise<{ free: number; size: number }> {
    this.asking ??= atRecordDisk(() => this.ask()).finally(() => (this.asking = undefined));
    const patience = new AbortController();
    const { signal } = patience;
    await Promise.race([this.asking, after(PATIENCE_MS, undefined, { signal }).catch(() => undefined)]);
    patience.abort();
    return this.last;
  }

  /** A folder that is gone has no room, which is what the alert on free space should see; a scrape must not fail for it. */
  private async ask(): Promise<void> {
    try {
      const { bavail, blocks, bsize } = await statfs(this.folder);
      this.last = { free: bavail * bsize, size: blocks * bsize };
    } catch {
      this.last = { free: 0, size: 0 };
    }
  }
}
