import { existsSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import type { OnApplicationShutdown } from '@nestjs/common';
import type { ArchiveLimits } from '../artifacts/archive-bytes.js';
import { VersionTaken } from '../artifacts/archive-errors.js';
import { ModelAliases } from '../artifacts/aliases.js';
import { ArtifactFault } from '../artifacts/artifact-fault.js';
import { digestOfFolder } from '../artifacts/content-digest.js';
import { diskError } from '../artifacts/disk-error.js';
import type { Manifest } from '../artifacts/manifest.js';
import { parseManifest } from '../artifacts/manifest-schema.js';
import { receiveArchive } from '../artifacts/receive-archive.js';
import { removeVersion, type Upload } from '../artifacts/upload.js';
import { RevisionMismatch, UploadsBusy, VersionRefused } from '../errors/errors.js';
import type { CheckCandidate } from './candidate-check.js';
import type { EveryWorker } from './every-worker.js';
import type { ModelRegistry } from './model-registry.js';
import type { ModelVersion } from './model-version.js';
import { openedVersion } from './opened-version.js';
import type { Passed } from './version-life.js';

const AT_ONCE = 2;

/** What a training has made comes otherwise than what a person brings. */
export interface Trained {
  /** Is told which version, of which digest, is about to be put in its place; what it throws refuses it. */
  readonly announce: (version: string, digest: string) => Promise<void>;
  /** Whether it becomes champion where the model has none; else it waits for a person. */
  readonly mayBeFirst: boolean;
}

/** A version that has come by an archive and answers. */
export interface Published {
  readonly version: ModelVersion;
  /** false: the same files were there already. */
  readonly isNew: boolean;
}

/**
 * Takes versions that arrive as archives: received, checked in a child process, put in their place and opened, or
 * nothing is left of them.
 *
 * An upload never becomes champion by being the highest. Without an aliases.json the champion that answers is therefore
 * written down before the version is there; a kill in between changes nothing for anybody. Where none answers, the
 * version is the model's first and becomes champion when it is ready; a kill before that leaves it to answer as the
 * highest, and the next upload writes that down.
 */
export class VersionPublisher implements OnApplicationShutdown {
  private readonly running = new Set<Promise<unknown>>();
  private readonly stopping = new AbortController();
  /** One version is put in its place at a time, so that two first ones do not both become champion. */
  private last: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly root: string,
    private readonly limits: ArchiveLimits,
    private readonly registry: ModelRegistry,
    private readonly workers: EveryWorker,
    private readonly check: CheckCandidate,
  ) {}

  /**
   * Resolves when the version answers.
   * @throws UploadsBusy at once; what `receiveArchive` and `trained.announce` throw; VersionRefused, VersionTaken, ReadOnlyModels,
   * NoSpace.
   */
  async publish(model: string, archive: Readable, who: string | null, trained?: Trained): Promise<Published> {
    if (this.running.size >= AT_ONCE) throw new UploadsBusy(AT_ONCE);
    const published = this.take(model, archive, who, trained).catch((error: unknown) => {
      throw diskError(model, error);
    });
    const settled = published.catch(() => {}).finally(() => this.running.delete(settled));
    this.running.add(settled);
    return published;
  }

  /** What is under way ends, and is removed. */
  async onApplicationShutdown(): Promise<void> {
    this.stopping.abort();
    await Promise.all(this.running);
  }

  private async take(
    model: string,
    archive: Readable,
    who: string | null,
    trained?: Trained,
  ): Promise<Published> {
    const upload = await receiveArchive(archive, this.root, this.limits);
    try {
      const { manifest, secondsPerRow } = await this.checked(upload.folder);
      if (manifest.model !== model)
        throw new VersionRefused('the archive', `it is of model "${manifest.model}", not of "${model}"`);
      await trained?.announce(manifest.version, await digestOfFolder(upload.folder));
      const passed = { version: manifest.version, secondsPerRow };
      const placed = this.last.then(() =>
        this.place(upload, model, passed, who, trained?.mayBeFirst ?? true),
      );
      this.last = placed.catch(() => {});
      return await placed;
    } finally {
      await upload.remove();
    }
  }

  /** The child reads all there is first, within bounds; what it passed may be read here. */
  private async checked(folder: string): Promise<{ manifest: Manifest; secondsPerRow: number }> {
    try {
      const secondsPerRow = await this.check(folder, this.stopping.signal);
      return { manifest: parseManifest(await readFile(join(folder, 'manifest.json'))), secondsPerRow };
    } catch (error) {
      if (error instanceof ArtifactFault) throw new VersionRefused('the archive', error.message);
      throw error;
    }
  }

  private async place(
    upload: Upload,
    model: string,
    passed: Passed,
    who: string | null,
    mayBeFirst: boolean,
  ): Promise<Published> {
    const { version } = passed;
    const aliases = new ModelAliases(join(this.root, model));
    if ((await aliases.takenVersions()).has(version)) throw new VersionTaken(model, version, true);
    // Where the number is taken nothing may be written, and the same files make no other version the highest.
    const isThere = existsSync(join(this.root, model, version));
    const published = isThere ? await upload.publish(model, version) : undefined;
    const vacantAt = await this.nameStanding(model, aliases, who);
    // Before it is there, or it would answer as the highest.
    if (vacantAt !== undefined && !mayBeFirst) {
      await mkdir(join(this.root, model), { recursive: true });
      await nameFirst(aliases, null, who, 'a person decides on the first champion', vacantAt);
    }
    const isNew = published ?? (await upload.publish(model, version));
    await this.workers.look(model, passed);
    const opened = await this.opened(model, version, isNew);
    if (vacantAt !== undefined && mayBeFirst) {
      await nameFirst(aliases, version, who, 'first version', vacantAt);
      await this.workers.look(model);
    }
    return { version: opened, isNew };
  }

  /** Writes down who answers where no file says so. @returns the revision at which nobody does, by nobody's intent. */
  private async nameStanding(
    model: string,
    aliases: ModelAliases,
    who: string | null,
  ): Promise<number | undefined> {
    const now = await aliases.read();
    if (now.aliases !== undefined) return undefined;
    const standing = this.registry.has(model) ? this.registry.state(model).champion : undefined;
    // A broken file may have said so on purpose: whoever mends it decides.
    if (standing === undefined) return now.fault === undefined ? now.revision : undefined;
    const reason =
      now.fault === undefined ? 'answered without an aliases.json' : 'answered while aliases.json was broken';
    const to = standing.manifest.version;
    try {
      await aliases.change({ alias: 'champion', to, who, reason, gate: null, expected: now.revision });
      return undefined;
    } catch (error) {
      if (!(error instanceof RevisionMismatch)) throw error;
      // Another process was faster, and may have named one.
      return await this.nameStanding(model, aliases, who);
    }
  }

  private async opened(model: string, version: string, isNew: boolean): Promise<ModelVersion> {
    try {
      return await openedVersion(this.registry, this.workers, model, version);
    } catch (error) {
      if (isNew) {
        await removeVersion(this.root, model, version);
        await this.workers.look(model);
      }
      throw error;
    }
  }
}

/** Names the first champion, or nobody, unless somebody has named one meanwhile. */
async function nameFirst(
  aliases: ModelAliases,
  to: string | null,
  who: string | null,
  reason: string,
  expected: number,
): Promise<void> {
  await aliases
    .change({ alias: 'champion', to, who, reason, gate: null, expected })
    .catch((error: unknown) => {
      if (!(error instanceof RevisionMismatch)) throw error;
    });
}
