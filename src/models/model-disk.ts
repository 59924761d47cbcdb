import * as fs from 'node:fs';
import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { ModelAliases } from '../artifacts/aliases.js';
import { ArtifactFault, cannotBeRead } from '../artifacts/artifact-fault.js';
import {
  type Entry,
  LINK,
  listVersions,
  missingFile,
  signatureOf,
  sumsOf,
} from '../artifacts/artifact-store.js';
import { VersionFolder } from '../artifacts/version-folder.js';
import type { DiskReads } from '../files/disk-reads.js';
import type { FollowedDisk } from './artifact-follower.js';
import type { CheckCandidate } from './candidate-check.js';
import { ModelVersion, type Services } from './model-version.js';
import type { AliasesNow } from './rightful-champion.js';

/** The folder of one model below `root`. */
export class ArtifactDisk implements FollowedDisk {
  private readonly folder: string;
  private readonly files: ModelAliases;

  constructor(
    private readonly root: string,
    private readonly model: string,
    private readonly services: Services,
    private readonly checkCandidate: CheckCandidate,
    /** How its versions are read now. */
    private readonly reads: () => DiskReads,
  ) {
    this.folder = join(root, model);
    this.files = new ModelAliases(this.folder);
  }

  async versions(): Promise<readonly Entry[]> {
    try {
      // Also of a model that was followed before: what a link leads to is not watched.
      if ((await lstat(this.folder)).isSymbolicLink()) throw new ArtifactFault(`its folder ${LINK}`);
      return await listVersions(this.root, this.model);
    } catch (error) {
      if (error instanceof ArtifactFault) throw error;
      return (error as NodeJS.ErrnoException).code === 'ENOENT'
        ? []
        : cannotBeRead('its folder')(error as Error);
    }
  }

  async aliases(): Promise<AliasesNow> {
    try {
      return await this.files.read();
    } catch (error) {
      if (error instanceof ArtifactFault) return { fault: error.message };
      throw error;
    }
  }

  signature(version: string): Promise<string> {
    return signatureOf(join(this.folder, version), this.reads()).catch(cannotBeRead('its folder'));
  }

  missing(version: string): Promise<string | undefined> {
    return missingFile(join(this.folder, version), this.reads()).catch(cannotBeRead('its folder'));
  }

  sums(version: string): Promise<string | undefined> {
    return sumsOf(join(this.folder, version), this.reads());
  }

  check(version: string): Promise<number> {
    return this.checkCandidate(join(this.folder, version));
  }

  async open(version: string, secondsPerRow: number | undefined): Promise<ModelVersion> {
    const folder = await VersionFolder.read(this.root, this.model, version, this.reads());
    return ModelVersion.load(folder, this.services, secondsPerRow);
  }

  async stamp(): Promise<string> {
    const paths = [this.folder, join(this.folder, 'aliases.json')];
    const stats = await Promise.all(paths.map(look));
    // A change within the clock's grain after a look would not show: what is so young is looked at again.
    const isYoung = stats.some((found) => found !== undefined && Date.now() - found.ctimeMs < 2_000);
    const text = stats.map((found) => `${found?.ino} ${found?.size} ${found?.ctimeMs}`).join(' ');
    return isYoung ? `${text} ${performance.now()}` : text;
  }
}

/** Asked of every model every second; by a callback it costs a quarter less than by the promise. */
const look = (path: string): Promise<fs.Stats | undefined> =>
  new Promise((resolve) => {
    fs.lstat(path, (error, found) => resolve(error === null ? found : undefined));
  });
