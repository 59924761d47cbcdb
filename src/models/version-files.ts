import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { digestOfFile, digestOfFolder } from '../artifacts/content-digest.js';
import { listFiles } from '../artifacts/list-files.js';
import type { Manifest } from '../artifacts/manifest.js';
import { parseManifest } from '../artifacts/manifest-schema.js';
import { packVersion } from '../artifacts/pack-version.js';
import { FileNotFound, VersionNotFound, VersionNotReady, VersionRefused } from '../errors/errors.js';
import type { ModelRegistry } from './model-registry.js';
import { baselineOf, type VersionBaseline } from './version-baseline.js';

/** A version as one tar. */
export interface Artifact {
  /** Of its files, whatever their order. */
  readonly contentDigest: string;
  readonly bytes: number;
  readonly tar: Readable;
}

/** The files of versions that can be served, as they lie on the disk. */
export class VersionFiles {
  constructor(
    private readonly root: string,
    private readonly registry: ModelRegistry,
  ) {}

  /** @throws ModelNotFound, VersionNotFound, VersionNotReady, VersionRefused */
  async artifact(model: string, version: string): Promise<Artifact> {
    const folder = this.folder(model, version);
    try {
      const contentDigest = await digestOfFolder(folder);
      return { contentDigest, ...(await packVersion(folder)) };
    } catch (error) {
      throw (await isThere(folder)) ? error : new VersionNotFound(model, version);
    }
  }

  /** What its manifest says; from the disk where it is not loaded. */
  async manifest(model: string, version: string): Promise<Manifest> {
    const { loaded } = this.registry.versionState(model, version);
    if (loaded !== undefined) return loaded.manifest;
    return parseManifest(await readFile(join(this.folder(model, version), 'manifest.json')));
  }

  /** What its rows are compared with; from the disk where it is not loaded. */
  async baseline(model: string, version: string): Promise<VersionBaseline> {
    const { loaded } = this.registry.versionState(model, version);
    if (loaded !== undefined) return loaded.baseline;
    const manifest = await this.manifest(model, version);
    const path = join(this.folder(model, version), 'baseline.json');
    return baselineOf(await readFile(path).catch(unlessThere), manifest);
  }

  /** SHA-256 of its `model.onnx`; from the disk where it is not loaded. */
  async digest(model: string, version: string): Promise<string> {
    const { loaded } = this.registry.versionState(model, version);
    return loaded?.digest ?? digestOfFile(join(this.folder(model, version), 'model.onnx'));
  }

  /** A file and its length; `name` is one that was made here, never what a caller sent. @throws FileNotFound */
  async file(model: string, version: string, name: string): Promise<{ bytes: number; content: Readable }> {
    const path = join(this.folder(model, version), name);
    const found = await stat(path).catch(() => undefined);
    if (!found?.isFile()) throw new FileNotFound(model, version, name);
    return { bytes: found.size, content: createReadStream(path) };
  }

  /** Names of all files. */
  async names(model: string, version: string): Promise<readonly string[]> {
    return listFiles(this.folder(model, version));
  }

  private folder(model: string, version: string): string {
    const { phase, reason } = this.registry.versionState(model, version);
    if (phase === 'loading') throw new VersionNotReady(model, version, reason);
    if (phase === 'refused') throw new VersionRefused(`${model}/${version}`, reason ?? '');
    return join(this.root, model, version);
  }
}

function unlessThere(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
  return undefined;
}

const isThere = (folder: string): Promise<boolean> =>
  stat(folder).then(
    () => true,
    () => false,
  );
