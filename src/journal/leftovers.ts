import { readdir, readFile, rename, rm, rmdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { StartupFault } from '../errors/startup-fault.js';
import { isGone, parseOwner } from '../files/lock-owner.js';
import type { AppLogger } from '../observability/app-logger.js';
import { atRecordDisk } from './disk-threads.js';
import { MarklessFiles } from './markless-files.js';
import { OPEN, type OpenMarks, OWNER } from './open-marks.js';
import { markedPath } from './record-name.js';
import { repairFile } from './repair.js';
import { sealAsFound } from './seal-by-reading.js';
import type { SealChain } from './seal-chain.js';
import { type FileSealed, tellSealed } from './seal-entries.js';
import { UnsealedFiles } from './unsealed-files.js';

const LOOK_MS = 60_000;
/** A writer who cannot be asked whether he lives (another host, another container) is gone after a silence this long. */
const SILENT_MS = 60_000;

/**
 * Mends what killed processes left behind in the record tree: at the start, and every minute after it, because a disk
 * may be full now and a writer of another host silent for too short a time to be sure.
 *
 * A writer's folder is taken over by renaming it into our own, which one of many can do; if we are killed, whoever takes
 * ours over finds it there. A writer of this host is gone when its process has ended. Of any other we know his silence
 * alone, so his files are left until nobody has written to them for as long, and he looks himself after a silence half
 * as long. What is left is a writer that is stopped for a minute between that look and its next call, which no plain
 * file can rule out.
 */
export class Leftovers {
  private readonly markless: MarklessFiles;
  private readonly unsealed: UnsealedFiles;
  private readonly told = new Set<string>();
  /** Files that wait for their seal: to mend them was to write to them. */
  private readonly mended = new Set<string>();
  private looking: Promise<void> | undefined;
  private timer: NodeJS.Timeout | undefined;
  private isClosed = false;

  constructor(
    private readonly root: string,
    private readonly marks: OpenMarks,
    private readonly seals: SealChain,
    private readonly logger: AppLogger,
  ) {
    this.markless = new MarklessFiles(root, (path) => this.mend(path));
    this.unsealed = new UnsealedFiles(root, marks, seals, (seal) => this.tellSealed(seal));
  }

  /** Looks every minute from now on. */
  keepLooking(): void {
    this.timer = setInterval(() => void this.look(), LOOK_MS).unref();
  }

  /**
   * Mends what is marked, and begins to seal it, for which files are read whole, and to look through what is not marked.
   * @throws StartupFault where a file may not be read or written to. What a later look can mend is no fault.
   */
  async begin(): Promise<void> {
    await this.lookAtMarks(false, (error) => {
      if (error instanceof StartupFault) throw error;
    });
    void this.look();
  }

  /** Mends what can be mended by now. Never fails. */
  look(): Promise<void> {
    return (this.looking ??= atRecordDisk(async () => {
      await this.lookAtMarks(true, () => undefined);
      await this.markless.look(this.marks.now());
      await this.unsealed.look();
    })
      .catch((error: unknown) => this.tell(this.root, error))
      .finally(() => (this.looking = undefined)));
  }

  /** A look that is under way ends without a word: the folder that it takes things into goes with its process. */
  close(): void {
    this.isClosed = true;
    clearInterval(this.timer);
    this.markless.close();
    this.unsealed.close();
  }

  private async lookAtMarks(seals: boolean, failed: (error: unknown) => void): Promise<void> {
    // Without a folder of ours there is nowhere to take anything.
    await this.marks.beginOnPool();
    await this.marks.renew();
    const all = join(this.root, OPEN);
    for (const name of await foldersIn(all)) {
      if (join(all, name) !== this.marks.folder && (await this.isLeft(join(all, name))))
        await this.takeOver(all, name);
    }
    const taken = await foldersIn(this.marks.folder);
    // An array grows while it is gone through: what a folder holds that its owner had taken over comes after it.
    for (const name of taken) {
      const folder = join(this.marks.folder, name);
      for (const inner of await foldersIn(folder)) {
        if (await this.takeOver(folder, inner)) taken.push(inner);
      }
      await this.mendAll(folder, seals, failed);
    }
  }

  /** @returns false if somebody else was first. */
  private async takeOver(folder: string, name: string): Promise<boolean> {
    try {
      await rename(join(folder, name), join(this.marks.folder, name));
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
      throw error;
    }
  }

  private async isLeft(folder: string): Promise<boolean> {
    return (await hasEnded(folder)) ?? (await this.isSilent(join(folder, OWNER), folder));
  }

  /**
   * Mends the files that a folder marks; with `seals` it seals them too, and takes away the marks, and the folder when there
   * are none left.
   */
  private async mendAll(folder: string, seals: boolean, failed: (error: unknown) => void): Promise<void> {
    const isSure = (await hasEnded(folder)) === true;
    let left = 0;
    for (const name of (await readdir(folder)).filter((each) => each !== OWNER)) {
      const path = markedPath(this.root, name);
      try {
        const isOver = path === undefined || isSure || this.mended.has(path) || (await this.isSilent(path));
        if (!isOver || (path !== undefined && !(await this.finish(path, seals)))) left++;
        else await rm(join(folder, name), { recursive: true, force: true });
      } catch (error) {
        left++;
        this.tell(path ?? folder, error);
        failed(error);
      }
    }
    if (left > 0) return;
    await rm(join(folder, OWNER), { force: true });
    await rmdir(folder);
  }

  /** Mends a file, and seals it if it may take its time now. @returns whether nothing is left to do for it. */
  private async finish(path: string, seals: boolean): Promise<boolean> {
    await this.mend(path);
    const isThere = (await stat(path).catch(() => undefined)) !== undefined;
    if (isThere && !seals) {
      this.mended.add(path);
      return false;
    }
    await sealAsFound(this.root, path, 'killed', this.seals, (seal) => this.tellSealed(seal));
    this.mended.delete(path);
    return true;
  }

  private tellSealed(seal: FileSealed): void {
    tellSealed(this.logger, seal, this.seals.head);
  }

  private async mend(path: string): Promise<void> {
    const repair = await repairFile(path);
    if (repair === undefined) return;
    this.logger.warn('torn last line of a killed process moved aside', {
      file: `${path}.torn`,
      bytes: repair.bytes,
    });
  }

  /** By the clock of the file system. A file from the future is from before a clock was set back. What is gone is silent. */
  private async isSilent(path: string, orElse?: string): Promise<boolean> {
    const now = this.marks.now();
    if (now === undefined) return false;
    const file = await stat(path)
      .catch(() => stat(orElse ?? path))
      .catch(() => undefined);
    return file === undefined || Math.abs(now - file.mtimeMs) > SILENT_MS;
  }

  /** Once for each file and reason: a look every minute would say it every minute. */
  private tell(path: string, error: unknown): void {
    const { message } = error as Error;
    if (this.isClosed || this.told.has(path + message)) return;
    this.told.add(path + message);
    this.logger.warn('record file of a killed process cannot be looked at; tried again every minute', {
      file: path,
      error: message,
    });
  }
}

/** Whether the owner of a folder is a process that has ended; undefined where that cannot be known. */
async function hasEnded(folder: string): Promise<boolean | undefined> {
  const owner = parseOwner(await readFile(join(folder, OWNER), 'utf8').catch(() => ''));
  return owner && isGone(owner);
}

async function foldersIn(path: string): Promise<string[]> {
  const entries = await readdir(path, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
}
