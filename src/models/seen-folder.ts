import { ArtifactFault } from '../artifacts/artifact-fault.js';
import type { Entry } from '../artifacts/artifact-store.js';
import type { AppLogger } from '../observability/app-logger.js';
import { type AliasesNow, SeenAliases } from './rightful-champion.js';
import { type Passed, type VersionFolders, VersionLife } from './version-life.js';

/** The folder of one model. */
export interface ModelDisk extends VersionFolders {
  /** Ascending by number; none where the folder is gone. @throws ArtifactFault if it cannot be read. */
  versions(): Promise<readonly Entry[]>;
  aliases(): Promise<AliasesNow>;
}

/** What the folder of one model held when it was looked at, and the versions in it. */
export class SeenFolder {
  readonly lives = new Map<string, VersionLife>();
  /** Why the folder cannot be read; what was seen before still counts. */
  fault: string | undefined;
  private readonly seenAliases: SeenAliases;
  /** A version was forgotten, whose place may have been taken since. */
  private hasForgotten = false;

  constructor(
    private readonly model: string,
    private readonly disk: ModelDisk,
    private readonly logger: Pick<AppLogger, 'warn'>,
    private readonly now: () => number,
  ) {
    this.seenAliases = new SeenAliases(now);
  }

  get aliases(): AliasesNow {
    return this.seenAliases.now;
  }

  get isEmpty(): boolean {
    return this.lives.size === 0 && this.fault === undefined;
  }

  /** Whether the folder needs no look now, as long as nothing in it has a new name. */
  get isSettled(): boolean {
    if (this.fault !== undefined || this.hasForgotten || this.seenAliases.isUnsure) return false;
    return [...this.lives.values()].every((life) => life.isSettled);
  }

  /** `isTrusted`: its versions are whole as they stand; `passed`: this one is, and has been checked. */
  async look(isTrusted: boolean, passed?: Passed): Promise<void> {
    this.hasForgotten = false;
    const entries = await this.disk.versions().catch((error: unknown) => this.tell(error));
    if (entries === undefined) return;
    this.fault = undefined;
    this.seenAliases.see(await this.disk.aliases());
    const faults = new Map(entries.map(({ name, fault }) => [name, fault]));
    for (const life of this.lives.values()) {
      // What took the place of a version that is loaded is no version: as if nothing were there.
      const isVersion = faults.has(life.version) && faults.get(life.version) === undefined;
      life.isGone = !isVersion && (isHeld(life) || !faults.has(life.version));
    }
    for (const { name, fault } of entries) {
      let life = this.lives.get(name);
      if (life === undefined) this.lives.set(name, (life = new VersionLife(name, this.disk, this.now)));
      if (fault === undefined) await this.lookAt(life, isTrusted || name === passed?.version);
      else if (!isHeld(life)) life.refuseName(fault);
      if (name === passed?.version) life.pass(passed);
    }
  }

  /** Whether it is gone in every sense: no folder, and nothing loaded. */
  forgetIfGone(life: VersionLife): boolean {
    if (!life.isGone || isHeld(life)) return false;
    this.lives.delete(life.version);
    this.hasForgotten = true;
    return true;
  }

  private async lookAt(life: VersionLife, isTrusted: boolean): Promise<void> {
    const wasReplaced = life.isReplaced;
    await life.look(isTrusted);
    if (!life.isReplaced || wasReplaced) return;
    this.logger.warn('folder of a loaded version holds other files now: give them a number of their own', {
      model: this.model,
      version: life.version,
    });
  }

  private tell(error: unknown): undefined {
    if (!(error instanceof ArtifactFault)) throw error;
    if (error.message !== this.fault) {
      this.logger.warn('model cannot be followed', { model: this.model, reason: error.message });
    }
    this.fault = error.message;
  }
}

/** Whether it is loaded, or on its way. */
function isHeld({ isReady, isBusy }: VersionLife): boolean {
  return isReady || isBusy;
}
