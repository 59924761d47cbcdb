import { type FileHandle, open } from 'node:fs/promises';
import { makeDurableFolder } from '../files/folder-on-pool.js';
import { syncFolder } from '../files/sync-folder.js';
import { FILE_MODE, FOLDER_MODE } from './record-name.js';
import { SealChain } from './seal-chain.js';
import { type SealEntry, sealFolder } from './seal-entries.js';

interface Waiting {
  readonly entry: SealEntry;
  readonly settle: (error?: unknown) => void;
}

/** The chain at durability `synced`: written on the thread pool, and on the disk when a promise is kept. */
export class SyncedSeals extends SealChain {
  private queue: Waiting[] = [];
  private handle: FileHandle | undefined;
  private size = 0;
  private working: Promise<void> | undefined;

  /** Those that come while others are on their way share the next sync. @throws NodeJS.ErrnoException */
  override appendOnPool(entry: SealEntry): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (error?: unknown): void => (error === undefined ? resolve() : reject(error));
      this.queue.push({ entry, settle });
      this.working ??= this.work().finally(() => (this.working = undefined));
    });
  }

  override async close(): Promise<void> {
    await this.working;
    await this.handle?.close().catch(() => undefined);
    this.handle = undefined;
  }

  private async work(): Promise<void> {
    while (this.queue.length > 0) {
      const group = this.queue.splice(0);
      const error = await this.write(group.map(({ entry }) => entry)).catch((reason: unknown) => reason);
      for (const { settle } of group) settle(error);
    }
  }

  private async write(entries: readonly SealEntry[]): Promise<void> {
    const isDeleted = this.handle !== undefined && (await this.handle.stat()).nlink === 0;
    if (isDeleted) await this.giveUpOnPool();
    const file = (this.handle ??= await this.make());
    const { bytes, head } = this.next(entries);
    try {
      for (let done = 0; done < bytes.length;) done += (await file.write(bytes, done)).bytesWritten;
      await file.datasync();
    } catch (error) {
      // A sync that failed proves nothing of what stands in the file.
      await file.truncate(this.size).catch(() => undefined);
      await this.giveUpOnPool();
      throw error;
    }
    this.size += bytes.length;
    this.head = head;
  }

  private async giveUpOnPool(): Promise<void> {
    const { handle } = this;
    this.handle = undefined;
    this.size = 0;
    this.leave();
    await handle?.close().catch(() => undefined);
  }

  private async make(): Promise<FileHandle> {
    const folder = sealFolder(this.root);
    await makeDurableFolder(folder, FOLDER_MODE);
    const made = await open(this.path, 'ax', FILE_MODE);
    try {
      await made.sync();
      await syncFolder(folder);
      return made;
    } catch (error) {
      await made.close().catch(() => undefined);
      this.leave();
      throw error;
    }
  }
}
