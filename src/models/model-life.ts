import { VersionNotFound } from '../errors/errors.js';
import type { AppLogger } from '../observability/app-logger.js';
import type { ModelState } from './model-registry.js';
import type { ModelVersion } from './model-version.js';
import { OnDemand } from './on-demand.js';
import { rightful } from './rightful-champion.js';
import { type ModelDisk, SeenFolder } from './seen-folder.js';
import type { Passed, VersionLife } from './version-life.js';

/** Beside those that an alias names, so many of the highest that pass are loaded. */
const KEPT = 2;

/**
 * The versions of one model: brings what is loaded to what the folder says, one step at a time, and tells the state that
 * follows. A new champion is ready before the old one retires; whatever fails leaves the champion as it was.
 */
export class ModelLife {
  private readonly seen: SeenFolder;
  private readonly onDemand: OnDemand;
  private champion: VersionLife | undefined;
  /** Whose folder was told to be gone. */
  private toldGone: VersionLife | undefined;
  private isStarting = false;
  /** What ended a start, though no artifact is to blame. */
  private startFault: unknown;
  private reconciling: Promise<void> = Promise.resolve();
  /** Looks at the folder that have not ended. */
  private looks = 0;
  /** What is on its way up or down. */
  private readonly moving = new Map<VersionLife, Promise<void>>();

  constructor(
    readonly name: string,
    disk: ModelDisk,
    private readonly logger: Pick<AppLogger, 'info' | 'warn' | 'failure'>,
    private readonly publish: (state: ModelState) => void,
    now = () => performance.now(),
  ) {
    this.seen = new SeenFolder(name, disk, logger, now);
    this.onDemand = new OnDemand(name, (life) => this.bringWanted(life));
  }

  /** Whether the folder needs no look now, as long as nothing in it has a new name. */
  get isSettled(): boolean {
    return this.seen.isSettled;
  }

  /** Whether there is nothing to tell of it any more. */
  get isOver(): boolean {
    return this.looks === 0 && this.seen.isEmpty;
  }

  /** Opens what there is at the start: at once, and without trying it elsewhere first. */
  async start(): Promise<void> {
    await this.seen.look(true);
    this.isStarting = true;
    this.settle();
    while (this.moving.size > 0) await Promise.all(this.moving.values());
    if (this.startFault !== undefined) throw this.startFault;
    this.isStarting = false;
    this.settle();
  }

  /** Reads the folder, and begins what follows. The version `passed` was checked by whoever has just put it there. */
  reconcile(passed?: Passed): Promise<void> {
    this.looks++;
    const reading = this.reconciling.then(async () => {
      try {
        await this.seen.look(false, passed);
        this.settle();
      } finally {
        this.looks--;
      }
    });
    this.reconciling = reading.catch(() => undefined);
    return reading;
  }

  /**
   * A version by its number, opened if need be.
   * @throws VersionNotFound if there is none, or none that passes
   */
  async open(version: string): Promise<ModelVersion> {
    const life = this.seen.lives.get(version);
    if (life === undefined || !life.isUsable) throw new VersionNotFound(this.name, version);
    return this.onDemand.open(life);
  }

  /** Resolves when each version that an alias names answers, or will not. */
  async namedHaveCome(): Promise<void> {
    for (;;) {
      const named = this.named();
      const coming = [...this.moving].filter(([{ version }]) => named.has(version));
      if (coming.length === 0) return;
      await Promise.all(coming.map(([, moved]) => moved));
    }
  }

  /** Gives everything back. */
  async close(): Promise<void> {
    const loaded = [...this.seen.lives.values()].flatMap((life) => life.loaded ?? []);
    await Promise.all(loaded.map((version) => version.close()));
  }

  /** It may be on its way down when it is asked for, and then comes up again. */
  private async bringWanted(life: VersionLife): Promise<void> {
    do {
      this.settle();
      await this.moving.get(life);
    } while (this.moving.has(life));
  }

  /**
   * Decides from what is known who answers, who comes and who goes, and tells it. Whatever begins here settles again when
   * it ends.
   */
  private settle(): void {
    const descending = [...this.seen.lives.values()].toSorted(
      (a, b) => Number(b.version) - Number(a.version),
    );
    const named = this.named();
    const usable = descending.filter((life) => life.isUsable);
    const wanted = new Set(usable.slice(0, KEPT));
    for (const life of usable) {
      if (named.has(life.version) || this.onDemand.has(life)) wanted.add(life);
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
      if (this.seen.forgetIfGone(life)) this.onDemand.forget(life);
    }
    this.publish(this.state());
  }

  private named(): ReadonlySet<string> {
    return new Set(Object.values(this.seen.aliases.aliases ?? {}));
  }

  private choose(descending: readonly VersionLife[]): void {
    const before = this.champion;
    this.champion = rightful(descending, this.seen.aliases, before);
    this.tellIfGone();
    if (this.champion === before || before === undefined) return;
    this.logger.info('champion changed', {
      model: this.name,
      version: this.champion?.version ?? null,
      before: before.version,
    });
  }

  private tellIfGone(): void {
    const gone = this.champion?.isGone ? this.champion : undefined;
    if (gone !== undefined && gone !== this.toldGone) {
      this.logger.warn('folder of the champion is gone; it is still served, from memory', {
        model: this.name,
        version: gone.version,
      });
    }
    this.toldGone = gone;
  }

  private async bring(life: VersionLife): Promise<void> {
    const facts = { model: this.name, version: life.version };
    try {
      await life.bring(this.isStarting);
      if (life.loaded !== undefined) {
        const { digest, place, samplesLeftOut, treeFault, driftFault } = life.loaded;
        this.logger.info('model ready', {
          ...facts,
          sha256: digest,
          ...place,
          ...(samplesLeftOut !== undefined && { samples_left_out: samplesLeftOut }),
        });
        if (treeFault !== undefined)
          this.logger.warn('compiled trees differ from the runtime, which runs them', {
            ...facts,
            reason: treeFault,
          });
        if (driftFault !== undefined)
          this.logger.warn('drift of the version is not watched', { ...facts, reason: driftFault });
      } else this.logger.warn('model version refused', { ...facts, reason: life.state.reason });
    } catch (error) {
      if (this.isStarting) this.startFault ??= error;
      else this.logger.failure('model version not opened', error, facts);
    }
  }

  private async retire(life: VersionLife): Promise<void> {
    const facts = { model: this.name, version: life.version };
    try {
      await life.retire();
      this.logger.info('model version retired', facts);
    } catch (error) {
      this.logger.failure('model version not given back', error, facts);
    }
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
    const { aliases, fault: aliasFault } = this.seen.aliases;
    const fault = this.seen.fault ?? aliasFault;
    const champion = this.champion?.loaded;
    const ofChampion = this.champion === undefined ? {} : { champion: this.champion.version };
    return {
      name: this.name,
      aliases: aliases ?? ofChampion,
      versions: [...this.seen.lives.values()]
        .toSorted((a, b) => Number(a.version) - Number(b.version))
        .map((life) => life.state),
      ...(champion && { champion }),
      ...(fault !== undefined && { reason: fault }),
    };
  }
}
