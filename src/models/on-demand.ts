import { VersionNotFound } from '../errors/errors.js';
import type { ModelVersion } from './model-version.js';
import type { VersionLife } from './version-life.js';

/** So many; another lets the oldest go. */
const MOST = 2;

/**
 * Versions of one model that are loaded because somebody asked for them by number. One is opened at a time: whoever asks
 * for a thousand numbers keeps one check busy, and nobody's version goes before he has been answered.
 */
export class OnDemand {
  private readonly wanted = new Set<VersionLife>();
  private readonly opening = new Map<VersionLife, Promise<ModelVersion>>();
  private last: Promise<unknown> = Promise.resolve();

  /** `bring`: loads what is wanted, and ends when the version is loaded or will not be. */
  constructor(
    private readonly model: string,
    private readonly bring: (life: VersionLife) => Promise<void>,
  ) {}

  has(life: VersionLife): boolean {
    return this.wanted.has(life);
  }

  forget(life: VersionLife): void {
    this.wanted.delete(life);
  }

  /** All who ask for a version before it is there wait for the same load. @throws VersionNotFound if it does not pass. */
  open(life: VersionLife): Promise<ModelVersion> {
    let opened = this.opening.get(life);
    if (opened === undefined) {
      opened = this.last.then(() => this.openNow(life)).finally(() => this.opening.delete(life));
      this.opening.set(life, opened);
      this.last = opened.catch(() => undefined);
    }
    return opened;
  }

  private async openNow(life: VersionLife): Promise<ModelVersion> {
    if (!life.isReady) this.wanted.add(life);
    await this.bring(life);
    const { loaded } = life;
    if (loaded === undefined) {
      this.wanted.delete(life);
      throw new VersionNotFound(this.model, life.version);
    }
    const [oldest] = this.wanted;
    if (this.wanted.size > MOST) {
      this.wanted.delete(oldest!);
      // Nothing is left to bring, but the oldest may go.
      await this.bring(life);
    }
    return loaded;
  }
}
