import type { OnApplicationShutdown } from '@nestjs/common';
import { listModels } from '../artifacts/artifact-store.js';
import { VersionNotFound } from '../errors/errors.js';
import type { AppLogger } from '../observability/app-logger.js';
import { ModelLife } from './model-life.js';
import type { ModelRegistry } from './model-registry.js';
import type { ModelVersion } from './model-version.js';
import type { ModelDisk } from './seen-folder.js';
import type { Passed } from './version-life.js';

/** A change is followed within twice as long. */
const LOOK_MS = 1_000;

/** The folder of one model, and whether it has changed. */
export interface FollowedDisk extends ModelDisk {
  /** Another text when something in the folder gets or loses a name, or aliases.json is written. */
  stamp(): Promise<string>;
}

interface Followed {
  readonly life: ModelLife;
  readonly disk: FollowedDisk;
  stamp: string;
  /** Told once, until a look succeeds again. */
  fault: string | undefined;
}

/**
 * Follows the artifact folder, which says what should be served; the one writer of the registry. Every process that
 * serves the folder does so by itself, so that several need no messages.
 */
export class ArtifactFollower implements OnApplicationShutdown {
  private readonly followed = new Map<string, Followed>();
  private timer: NodeJS.Timeout | undefined;
  private looking: Promise<void> = Promise.resolve();
  private isClosed = false;
  /** Told once, until a look succeeds again. */
  private fault: string | undefined;

  constructor(
    private readonly root: string,
    private readonly registry: ModelRegistry,
    private readonly diskOf: (model: string) => FollowedDisk,
    private readonly logger: Pick<AppLogger, 'info' | 'warn' | 'failure'>,
  ) {
    registry.opensBy((model, version) => this.open(model, version));
  }

  /** Opens what is there, and follows it from then on. @throws NodeJS.ErrnoException if the folder cannot be read. */
  async start(): Promise<void> {
    for (const { name, fault } of await listModels(this.root)) {
      if (fault === undefined) await this.follow(name).life.start();
      else this.refuse(name, fault);
    }
    this.registry.hasStarted = true;
    this.schedule();
  }

  /** Looks at one model now; `passed` is a version that was checked by whoever has just put it there. */
  async look(model: string, passed?: Passed): Promise<void> {
    const { life } = this.followed.get(model) ?? this.follow(model);
    await life.reconcile(passed);
    this.forgetIfOver(life);
  }

  /** Resolves when each version that an alias of the model names answers, or will not. */
  async namedHaveCome(model: string): Promise<void> {
    await this.followed.get(model)?.life.namedHaveCome();
  }

  /** Opens a version by its number. @throws VersionNotFound if there is none that passes. */
  async open(model: string, version: string): Promise<ModelVersion> {
    const followed = this.followed.get(model);
    if (followed === undefined) throw new VersionNotFound(model, version);
    return followed.life.open(version);
  }

  async onApplicationShutdown(): Promise<void> {
    this.isClosed = true;
    clearTimeout(this.timer);
    await this.looking;
    await Promise.all([...this.followed.values()].map(({ life }) => life.close()));
  }

  private schedule(): void {
    if (this.isClosed) return;
    this.timer = setTimeout(() => {
      this.looking = this.lookAtAll().finally(() => this.schedule());
    }, LOOK_MS);
    this.timer.unref();
  }

  private async lookAtAll(): Promise<void> {
    try {
      const entries = await listModels(this.root);
      for (const { name, fault } of entries) {
        if (fault !== undefined) this.refuse(name, fault);
        else if (!this.followed.has(name)) this.follow(name);
      }
      // All at once: each question that is waited for alone wakes a thread and the event loop.
      await Promise.all([...this.followed.values()].map((followed) => this.lookAt(followed)));
      const present = new Set(entries.map(({ name }) => name));
      for (const { name } of this.registry.all()) {
        if (!present.has(name) && !this.followed.has(name)) this.registry.delete(name);
      }
      this.fault = undefined;
    } catch (error) {
      const { message } = error as Error;
      if (message !== this.fault) this.logger.failure('artifact folder cannot be followed', error);
      this.fault = message;
    }
  }

  /** Whatever fails here concerns this model alone. */
  private async lookAt(followed: Followed): Promise<void> {
    const { life, disk } = followed;
    try {
      const stamp = await disk.stamp();
      if (stamp === followed.stamp && life.isSettled) return;
      await life.reconcile();
      followed.stamp = stamp;
      followed.fault = undefined;
      this.forgetIfOver(life);
    } catch (error) {
      const { message } = error as Error;
      if (message !== followed.fault)
        this.logger.failure('model cannot be followed', error, { model: life.name });
      followed.fault = message;
    }
  }

  private follow(name: string): Followed {
    const disk = this.diskOf(name);
    const life = new ModelLife(name, disk, this.logger, (state) => this.registry.set(state));
    const followed = { life, disk, stamp: '', fault: undefined };
    this.followed.set(name, followed);
    return followed;
  }

  private forgetIfOver({ name, isOver }: ModelLife): void {
    if (!isOver) return;
    this.followed.delete(name);
    this.registry.delete(name);
  }

  private refuse(name: string, reason: string): void {
    if (this.followed.has(name)) return;
    this.registry.set({ name, aliases: {}, versions: [], reason });
  }
}
