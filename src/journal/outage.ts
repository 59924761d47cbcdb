import { rm, writeFile } from 'node:fs/promises';
import { makeFolderOnPool } from '../files/folder-on-pool.js';
import { probePath } from '../files/writable-folder.js';
import { atRecordDisk } from './disk-threads.js';
import { FILE_MODE, FOLDER_MODE } from './record-name.js';

const RETRY_MS = 250;

/** A time in which a folder cannot be written to; it ends by itself when a probe of the folder succeeds. */
export class Outage {
  private timer: NodeJS.Timeout | undefined;
  private isProbing = false;

  constructor(
    private readonly folder: () => string,
    private readonly bytes: number,
    private readonly over: () => void,
  ) {}

  get isOn(): boolean {
    return this.timer !== undefined;
  }

  begin(): void {
    this.timer ??= setInterval(() => void this.probe(), RETRY_MS);
  }

  end(): void {
    clearInterval(this.timer);
    this.timer = undefined;
  }

  /** Asks the disk itself: free space alone says nothing of quotas, read-only mounts and broken devices. */
  private async probe(): Promise<void> {
    if (this.isProbing) return;
    this.isProbing = true;
    const isWritable = await atRecordDisk(() => tryFolder(this.folder(), this.bytes));
    this.isProbing = false;
    if (!isWritable || !this.isOn) return;
    this.end();
    this.over();
  }
}

/** Whether a file of `bytes` can be written in `folder`, which is made if need be. The file is removed again. */
export async function tryFolder(folder: string, bytes: number): Promise<boolean> {
  const path = probePath(folder);
  try {
    await makeFolderOnPool(folder, FOLDER_MODE);
    await writeFile(path, Buffer.alloc(bytes), { mode: FILE_MODE });
    return true;
  } catch {
    return false;
  } finally {
    await rm(path, { force: true }).catch(() => undefined);
  }
}
