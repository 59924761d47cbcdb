import { closeSync, openSync } from 'node:fs';
import { devNull } from 'node:os';
import { isSyncFailure } from './pool-file.js';

/** Whether the process, or the machine, has no descriptors left: connections and record files share them. */
export function isOutOfDescriptors(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'EMFILE' || code === 'ENFILE';
}

/** Keeps one descriptor back, so that connections which took all others do not keep a record file from being opened. */
export class SpareDescriptor {
  private fd: number | undefined;

  constructor() {
    this.keep();
  }

  /** Opens something, with the spare one given up for it where there is no other. */
  open<T>(open: () => T): T {
    try {
      return open();
    } catch (error) {
      if (!isOutOfDescriptors(error) || this.fd === undefined) throw error;
      this.close();
      return open();
    } finally {
      this.keep();
    }
  }

  /** As `open`, for what is opened on the thread pool. */
  async openOnPool<T>(open: () => Promise<T>): Promise<T> {
    try {
      return await open();
    } catch (error) {
      // A sync that failed is never tried again.
      if (!isOutOfDescriptors(error) || isSyncFailure(error) || this.fd === undefined) throw error;
      this.close();
      return await open();
    } finally {
      this.keep();
    }
  }

  close(): void {
    const { fd } = this;
    this.fd = undefined;
    try {
      if (fd !== undefined) closeSync(fd);
    } catch {
      return;
    }
  }

  private keep(): void {
    try {
      this.fd ??= openSync(devNull, 'r');
    } catch {
      this.fd = undefined;
    }
  }
}
