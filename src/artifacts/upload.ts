import { randomBytes } from 'node:crypto';
import { chmod, mkdir, readdir, rename, rm, rmdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isAbandoned, ownedName } from '../files/process-owner.js';
import { syncFolder } from '../files/sync-folder.js';
import { VersionTaken } from './archive-errors.js';
import { sameFiles } from './content-digest.js';

/** Below ARTIFACTS_DIR, so that publishing is a rename; no model can have this name. */
const UPLOADS = '.uploads';
const FOLDER_MODE = 0o750;

/** A version folder that is not in its place yet. Who made it publishes or removes it. */
export class Upload {
  private constructor(
    private readonly root: string,
    /** What belongs to this upload, and is gone with it. */
    private readonly place: string,
    /** Where the version's files stand. */
    readonly folder: string,
  ) {}

  /** Makes an empty folder below `<root>/.uploads/`. */
  static async begin(root: string): Promise<Upload> {
    const place = await newPlace(root);
    const folder = join(place, 'files');
    await mkdir(folder, { mode: FOLDER_MODE });
    return new Upload(root, place, folder);
  }

  /** The same with its files on the disk for good. Where all of them stand in one folder, that one is the version. */
  async completed(): Promise<Upload> {
    const entries = await readdir(this.folder, { recursive: true, withFileTypes: true });
    const folders = entries
      .filter((entry) => entry.isDirectory())
      .map(({ parentPath, name }) => join(parentPath, name));
    for (const folder of [this.folder, ...folders]) {
      await chmod(folder, FOLDER_MODE);
      await syncFolder(folder);
    }
    const top = entries.filter(({ parentPath }) => parentPath === this.folder);
    const isWrapped = top.length === 1 && top[0]!.isDirectory();
    return isWrapped ? new Upload(this.root, this.place, join(this.folder, top[0]!.name)) : this;
  }

  /**
   * Puts the folder in its place, `<root>/<model>/<version>`, by one rename; names are those of a checked manifest.
   * @returns false if the same files stand there already.
   * @throws VersionTaken if others do. The upload is removed in every case.
   */
  async publish(model: string, version: string): Promise<boolean> {
    const modelFolder = join(this.root, model);
    const place = join(modelFolder, version);
    try {
      await mkdir(modelFolder, { recursive: true, mode: FOLDER_MODE });
      await rename(this.folder, place);
      await syncFolder(modelFolder);
      await syncFolder(this.root);
      return true;
    } catch (error) {
      // A model's first version that could not be put there leaves no model behind.
      await rmdir(modelFolder).catch(() => {});
      if (!isTaken(error)) throw error;
      if (await sameFiles(this.folder, place)) return false;
      throw new VersionTaken(model, version);
    } finally {
      await this.remove();
    }
  }

  async remove(): Promise<void> {
    await rm(this.place, { recursive: true, force: true });
  }
}

/** Takes a version's folder away, all of it in one moment: nobody meets half of its files. */
export async function removeVersion(root: string, model: string, version: string): Promise<void> {
  const modelFolder = join(root, model);
  const place = await newPlace(root);
  try {
    await rename(join(modelFolder, version), join(place, version));
    await syncFolder(modelFolder);
  } finally {
    await rm(place, { recursive: true, force: true });
  }
}

/**
 * Removes what uploads of killed processes left below `root`, those of living processes stay; what cannot be removed
 * stays too. @returns how many.
 */
export async function removeLeftovers(root: string): Promise<number> {
  const uploads = join(root, UPLOADS);
  const names = await readdir(uploads).catch(() => []);
  let removed = 0;
  for (const name of names) {
    const found = await stat(join(uploads, name)).catch(() => undefined);
    if (found === undefined || !isAbandoned(name, found.mtimeMs)) continue;
    const isGone = await rm(join(uploads, name), { recursive: true, force: true }).then(
      () => true,
      () => false,
    );
    if (isGone) removed++;
  }
  return removed;
}

/** One folder at a time: where nothing may be written, `recursive` says that something is missing. */
async function newPlace(root: string): Promise<string> {
  const uploads = join(root, UPLOADS);
  await mkdir(uploads, { mode: FOLDER_MODE }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  const place = join(uploads, ownedName(randomBytes(8).toString('hex')));
  await mkdir(place, { mode: FOLDER_MODE });
  return place;
}

function isTaken(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOTEMPTY' || code === 'EEXIST';
}
