import type { Entry } from '../artifacts/artifact-store.js';
import { VersionNotFound } from '../errors/errors.js';
import type { AppLogger } from '../observability/app-logger.js';
import type { ModelState } from './model-registry.js';
import type { ModelVersion } from './model-version.js';
import { type VersionFolders, VersionLife } from './version-life.js';

/** What the folder says about its aliases. */
export interface AliasesNow {
  /** Undefined without an aliases.json, and where it is broken; `{}`: no champion, on purpose. */
  readonly aliases?: Readonly<Record<string, string>>;
  /** Why aliases.json is broken. */
  readonly fault?: string;
  /** The champion as the history has it last; null: none, on purpose. */
  readonly lastChampion?: string | null;
}

/** The folder of one model. */
export interface ModelDisk extends VersionFolders {
  /** Ascending by number; none where the folder is gone. */
  versions(): Promise<readonly Entry[]>;
  aliases(): Promise<AliasesNow>;
}

/** Beside those that an alias names, so many of the highest that pass are loaded. */
const KEPT = 2;
/** So many more, asked for by number; another lets the oldest go. */
const ON_DEMAND = 2;

/**
 * The versions of one model: brings what is loaded to what the folder says, one step at a time, and tells the state that
 * follows. A new champion is ready before the old one retires; whatever fails leaves the champion as it was.
 */
export class ModelLife {
  private readonly lives = new Map<string, VersionLife>();
  private readonly onDemand: VersionLife[] = [];
  private champion: VersionLife | undefined;
  private isStarting = false;
  private aliases: AliasesNow = {};
  private reconciling: Promise<void> = Promise.resolve();
  /** What is on its way up or down. */
  private readonly moving = new Map<VersionLife, Promise<void>>();

  constructor(
    readonly name: string,
    private readonly disk: ModelDisk,
    private readonly logger: Pick<AppLogger, 'info' | 'warn' | 'failure'>,
    private readonly publish: (state: ModelState) => void,
    private readonly now = () => performance.now(),
  ) {}

  /** Whether the folder has to be looked at again although nothing in it has a new name. */
  get isSettled(): boolean {
    return [...this.lives.values()].every((life) => life.isSettled);
  }

  /** Whether there is nothing to tell of it any more. */
  get isOver(): boolean {
    return this.lives.size === 0;
  }

  /** Opens what there is at the start: at once, and without trying it elsewhere first. */
  async start(): Promise<void> {
    await this.readFolder(true);
    this.isStarting = true;
    this.settle();
    while (this.moving.size > 0) await Promise.all(this.moving.values());
    this.isStarting = false;
    this.settle();
  }

  /** Reads the folder, and begins what follows. The version `passed` was checked by whoever has just put it there. */
  reconcile(passed?: string): Promise<void> {
    const reading = this.reconciling.then(async () => {
      await this.readFolder(false, passed);
      this.settle();
    });
    this.reconciling = reading.catch(() => undefined);
    return reading;
  }

  /**
   * A version by its number, opened if need be.
   * @throws VersionNotFound if there is none, or none that passes
   */
  async open(version: string): Promise<ModelVersion> {
    const life = this.lives.get(version);
    if (life === undefined) throw new VersionNotFound(this.name, version);
    if (!this.onDemand.includes(life)) this.onDemand.push(life);
    if (this.onDemand.length > ON_DEMAND) this.onDemand.shift();
    // It may be on its way down when it is asked for, and then comes up again.
    do {
      this.settle();
      await this.moving.get(life);
    } while (this.moving.has(life));
    if (life.loaded === undefined) throw new VersionNotFound(this.name, version);
    return life.loaded;
  }

  /** Gives everything back. */
  async close(): Promise<void> {
    const loaded = [...this.lives.values()].flatMap((life) => life.loaded ?? []);
    await Promise.all(loaded.map((version) => version.close()));
  }

  private async readFolder(isTrusted: boolean, passed?: string): Promise<void> {
    const entries = await this.disk.versions();
    this.aliases = await this.disk.aliases();
    const present = new Set(entries.map(({ name }) => name));
    for (const life of this.lives.values()) {
      if (present.has(life.version)) life.isGone = false;
      else this.notice(life);
    }
    for (const { name, fault } of entries) {
      let life = this.lives.get(name);
      if (life === undefined) this.lives.set(name, (life = new VersionLife(name, this.disk)));
      if (fault === undefined) await life.look(this.now(), isTrusted || name === passed);
      else life.refuse(fault);
      if (name === passed) life.pass();
    }
  }

  /** Its folder is gone. */
  private notice(life: VersionLife): void {
    if (life.isGone) return;
    life.isGone = true;
    if (life === this.champion) {
      this.logger.warn('folder of a champion is gone: it is served on from memory', {
        model: this.name,
        version: life.version,
      });
    }
  }

  /**
   * Decides from what is known who answers, who comes and who goes, and tells it. Whatever begins here settles again when
   * it ends.
   */
  private settle(): void {
    const descending = [...this.lives.values()].toSorted((a, b) => Number(b.version) - Number(a.version));
    const named = new Set(Object.values(this.aliases.aliases ?? {}));
    const usable = descending.filter((life) => life.isUsable);
    const wanted = new Set(usable.slice(0, KEPT));
    for (const life of usable) {
      if (named.has(life.version) || this.onDemand.includes(life)) wanted.add(life);
    }
    for (const life of wanted) {
      if (!life.isReady && !life.isBusy) void this.move(life, this.bring(life));
    }
    // At the start nobody asks yet, and the first that is ready need not be the one.
    if (!this.isStarting) this.choose(descending);
    // While one is on its way up, nobody knows yet who the highest are that pass.
    if (!descending.some((life) => life.isBusy)) {
      for (const life of descending) {
        if (life.isReady && life !== this.champion && !wanted.has(life))
          void this.move(life, this.retire(life));
      }
    }
    for (const life of descending) {
      if (life.isGone && !life.isReady && !life.isBusy) this.lives.delete(life.version);
    }
    this.publish(this.state());
  }

  private choose(descending: readonly VersionLife[]): void {
    const before = this.champion;
    this.champion = this.rightful(descending);
    if (this.champion === before || before === undefined) return;
    this.logger.info('champion', {
      model: this.name,
      version: this.champion?.version ?? null,
      before: before.version,
    });
  }

  /** Who should answer, among those that can. */
  private rightful(descending: readonly VersionLife[]): VersionLife | undefined {
    const { aliases, fault, lastChampion } = this.aliases;
    const highest = descending.find((life) => life.isReady);
    const ready = (version: string): VersionLife | undefined =>
      descending.find((life) => life.version === version && life.isReady);
    if (aliases === undefined && fault === undefined) return highest;
    if (aliases !== undefined && aliases['champion'] === undefined) return undefined;
    const named = aliases?.['champion'];
    const rightful = named === undefined ? undefined : ready(named);
    if (rightful !== undefined) return rightful;
    if (this.champion !== undefined) return this.champion;
    // A version that is there and does not pass is what people asked for: nobody guesses another one.
    if (named !== undefined && this.lives.has(named)) return undefined;
    if (lastChampion === undefined) return highest;
    return lastChampion === null ? undefined : ready(lastChampion);
  }

  private async bring(life: VersionLife): Promise<void> {
    const facts = { model: this.name, version: life.version };
    try {
      await life.bring(this.isStarting);
      if (life.loaded !== undefined) {
        this.logger.info('model ready', { ...facts, sha256: life.loaded.digest });
      } else this.logger.warn('model version refused', { ...facts, reason: life.state.reason });
    } catch (error) {
      if (this.isStarting) throw error;
      this.logger.failure('model version not opened', error, facts);
    }
  }

  private async retire(life: VersionLife): Promise<void> {
    await life.retire();
    this.logger.info('model version retired', { model: this.name, version: life.version });
  }

  /** What has come or gone may let others come or go. */
  private move(life: VersionLife, moving: Promise<void>): Promise<void> {
    const moved = moving.finally(() => {
      this.moving.delete(life);
      this.settle();
    });
    this.moving.set(life, moved);
    return moved;
  }

  private state(): ModelState {
    const { aliases, fault } = this.aliases;
    const champion = this.champion?.loaded;
    const ofChampion = this.champion === undefined ? {} : { champion: this.champion.version };
    return {
      name: this.name,
      aliases: aliases ?? ofChampion,
      versions: [...this.lives.values()]
        .toSorted((a, b) => Number(a.version) - Number(b.version))
        .map((life) => life.state),
      ...(champion && { champion }),
      ...(fault !== undefined && { reason: fault }),
    };
  }
}
