import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ModelAliases } from '../artifacts/aliases.js';
import { ArtifactFault } from '../artifacts/artifact-fault.js';
import { type Entry, listVersions, missingFile, signatureOf } from '../artifacts/artifact-store.js';
import { VersionFolder } from '../artifacts/version-folder.js';
import type { AliasesNow, ModelDisk } from './model-life.js';
import { ModelVersion, type Services } from './model-version.js';

/** Tries a version folder in a process of its own. @throws ArtifactFault with the reason why it is refused. */
export type CheckCandidate = (folder: string) => Promise<void>;

/** The folder of one model below `root`. */
export class ArtifactDisk implements ModelDisk {
  private readonly folder: string;
  private readonly files: ModelAliases;

  constructor(
    private readonly root: string,
    private readonly model: string,
    private readonly services: Services,
    private readonly checkCandidate: CheckCandidate,
  ) {
    this.folder = join(root, model);
    this.files = new ModelAliases(this.folder);
  }

  async versions(): Promise<readonly Entry[]> {
    try {
      return await listVersions(this.root, this.model);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw error;
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
    return signatureOf(join(this.folder, version));
  }

  missing(version: string): Promise<string | undefined> {
    return missingFile(join(this.folder, version));
  }

  check(version: string): Promise<void> {
    return this.checkCandidate(join(this.folder, version));
  }

  async open(version: string): Promise<ModelVersion> {
    return ModelVersion.load(await VersionFolder.read(this.root, this.model, version), this.services);
  }

  /** Changes when something in the folder gets or loses a name, or aliases.json is written. */
  async stamp(): Promise<string> {
    const paths = [this.folder, join(this.folder, 'aliases.json')];
    const stats = await Promise.all(paths.map((path) => stat(path).catch(() => undefined)));
    // A change within the clock's grain after a look would not show: what is so young is looked at again.
    const isYoung = stats.some((found) => found !== undefined && Date.now() - found.mtimeMs < 2_000);
    const text = stats.map((found) => `${found?.ino} ${found?.size} ${found?.mtimeMs}`).join(' ');
    return isYoung ? `${text} ${performance.now()}` : text;
  }
}
