import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type AliasesNow, type Changed } from '../artifacts/alias-change.js';
import { ModelAliases } from '../artifacts/aliases.js';
import { digestOfFile } from '../artifacts/content-digest.js';
import { diskError } from '../artifacts/disk-error.js';
import type { HistoryLine } from '../artifacts/history.js';
import { removeVersion } from '../artifacts/upload.js';
import { RevisionMismatch, VersionNotFound } from '../errors/errors.js';
import type { EveryWorker } from './every-worker.js';
import type { ModelRegistry } from './model-registry.js';
import type { ModelVersion } from './model-version.js';
import { openedVersion } from './opened-version.js';

/** So many changes are told; the file has all. */
const HISTORY_LINES = 1_000;
const TRIES = 5;

/** Who changes a model, why, and from which revision on; `any`: whatever it is. */
export interface Intent {
  readonly who: string | null;
  readonly reason: string | null;
  readonly expected: number | 'any';
}

/** Changes which versions of a model there are and who is champion; every worker serves what changes when it resolves. */
export class ModelChanges {
  constructor(
    private readonly root: string,
    private readonly registry: ModelRegistry,
    private readonly workers: EveryWorker,
  ) {}

  /** Aliases and revision as the files have them at this moment. @throws ArtifactFault if the history cannot be read. */
  async aliases(model: string): Promise<AliasesNow> {
    return this.files(model).read();
  }

  /** The last changes, newest first. */
  async history(model: string): Promise<readonly HistoryLine[]> {
    return this.files(model).history(HISTORY_LINES);
  }

  /** A version that is looked at now, and opened if need be. @throws VersionNotFound, VersionNotReady, VersionRefused */
  async opened(model: string, version: string): Promise<ModelVersion> {
    return openedVersion(this.registry, this.workers, model, version);
  }

  /** Versions that were rolled back from, ever. */
  async rolledBack(model: string): Promise<ReadonlySet<string>> {
    return this.files(model).rolledBack();
  }

  /**
   * Lets an alias name a version, which is ready before it does; `gate` is what the history says of the gate.
   * @throws VersionNotFound, VersionNotReady, VersionRefused, RevisionMismatch, AliasesBusy, ReadOnlyModels, NoSpace
   */
  async setAlias(
    model: string,
    alias: string,
    version: string,
    intent: Intent,
    gate: unknown = null,
  ): Promise<Changed> {
    await openedVersion(this.registry, this.workers, model, version);
    const change = { alias, to: version, gate, ...intent, standing: this.standing(model) };
    return this.followed(model, this.files(model).change(change));
  }

  /** Takes an alias away; without its champion a model answers nobody. @throws as `setAlias` */
  async removeAlias(model: string, alias: string, intent: Intent): Promise<Changed> {
    const change = { alias, to: null, gate: null, ...intent, standing: this.standing(model) };
    return this.followed(model, this.files(model).change(change));
  }

  /** Makes the champion before the champion again, when it is ready. @throws NothingToRollBack, and as `setAlias` */
  async rollback(model: string, intent: Intent): Promise<Changed> {
    const files = this.files(model);
    for (let tries = 1; ; tries++) {
      const { version, revision } = await files.rollbackTarget();
      await openedVersion(this.registry, this.workers, model, version);
      const expected = intent.expected === 'any' ? revision : intent.expected;
      try {
        return await this.followed(model, files.rollback({ ...intent, expected }));
      } catch (error) {
        // Another version may have become the one before, and nobody has looked whether that one answers.
        if (!(error instanceof RevisionMismatch) || intent.expected !== 'any' || tries === TRIES) throw error;
      }
    }
  }

  /**
   * Takes a version away for good. Its number is noted first: a kill in between leaves a folder that is deleted by the
   * next call.
   * @throws VersionNotFound, VersionInUse (an alias names it, or it answers), RevisionMismatch, ReadOnlyModels
   */
  async deleteVersion(model: string, version: string, intent: Intent): Promise<void> {
    const files = this.files(model);
    await this.workers.look(model);
    const { loaded } = this.registry.versionState(model, version);
    const folder = join(this.root, model, version);
    // One that retires still answers what it has, and its folder may be gone.
    if (!existsSync(folder)) throw new VersionNotFound(model, version);
    if (!(await files.takenVersions()).has(version)) {
      const sha256 = loaded?.digest ?? (await digestOfFile(join(folder, 'model.onnx')).catch(() => ''));
      await files.noteDeletion({ version, sha256, ...intent, standing: this.standing(model) });
    }
    const removed = removeVersion(this.root, model, version).catch((error: NodeJS.ErrnoException) => {
      // Somebody else has removed it.
      if (error.code !== 'ENOENT') throw error;
    });
    await this.followed(model, removed);
  }

  private files(model: string): ModelAliases {
    return new ModelAliases(join(this.root, model));
  }

  private standing(model: string): string | undefined {
    return this.registry.state(model).champion?.manifest.version;
  }

  /** What has changed on the disk is served when this resolves, without waiting for the next look. */
  private async followed<T>(model: string, change: Promise<T>): Promise<T> {
    const changed = await change.catch((error: unknown) => {
      throw diskError(model, error);
    });
    await this.workers.look(model);
    return changed;
  }
}
