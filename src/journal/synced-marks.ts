import { access, mkdir, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { makeDurableFolder } from '../files/folder-on-pool.js';
import { syncFolder } from '../files/sync-folder.js';
import { type Mark, OpenMarks, OWNER, SILENCE_MS } from './open-marks.js';
import { isSyncFailure } from './pool-file.js';
import { FILE_MODE, FOLDER_MODE } from './record-name.js';

/**
 * The marks at durability `synced`: made on the thread pool, and on the disk before the file that they mark, so that
 * after a crash of the machine too every file that may be torn is known.
 */
export class SyncedMarks extends OpenMarks {
  private beginning: Promise<void> | undefined;

  override beginOnPool(): Promise<void> {
    if (this.hasBegun) return Promise.resolve();
    return (this.beginning ??= this.makeFolder().finally(() => (this.beginning = undefined)));
  }

  /** Marks a record file that is about to be made. @throws NodeJS.ErrnoException */
  async addOnPool(model: string, date: string): Promise<Mark> {
    const { name, folder } = this;
    if (this.hasBegun && !(await isThere(folder))) this.lose(name);
    await this.beginOnPool();
    const mark = this.next(model, date);
    await writeDurably(this.pathOf(mark), '');
    await syncFolder(join(this.pathOf(mark), '..'));
    return mark;
  }

  /** As `holds`. */
  async holdsOnPool(mark: Mark): Promise<boolean> {
    const now = Date.now();
    if (this.hasBegun && Math.abs(now - this.signOfLife) > SILENCE_MS) {
      const { name, folder } = this;
      if (await isThere(join(folder, OWNER))) this.signOfLife = now;
      else this.lose(name);
    }
    return this.isOf(mark);
  }

  /** As `remove`. */
  async removeOnPool(mark: Mark): Promise<void> {
    await rm(this.pathOf(mark), { force: true }).catch(() => undefined);
  }

  /** As `leave`. */
  async leaveOnPool(mark: Mark): Promise<void> {
    try {
      const folder = join(this.folder, `left-${mark.writer}`);
      await mkdir(folder, { recursive: true, mode: FOLDER_MODE });
      await rename(this.pathOf(mark), join(folder, mark.name));
    } catch {
      return;
    }
  }

  private async makeFolder(): Promise<void> {
    const { name, folder } = this;
    const owner = this.introduce();
    try {
      await makeDurableFolder(folder, FOLDER_MODE);
      await writeDurably(join(folder, OWNER), owner);
      await syncFolder(folder);
      this.begun(owner);
    } catch (error) {
      // A second sync that succeeds would prove nothing.
      if (isSyncFailure(error)) this.lose(name);
      throw error;
    }
  }
}

async function writeDurably(path: string, content: Buffer | string): Promise<void> {
  const file = await open(path, 'w', FILE_MODE);
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
