import { ArtifactFault } from '../artifacts/artifact-fault.js';
import type { VersionState } from './model-registry.js';
import type { ModelVersion } from './model-version.js';

/** What can be done with the version folders of one model; the real one reads the disk, specs have their own. */
export interface VersionFolders {
  /** Names, sizes and times of the files: as long as the text stays, nothing has been written. */
  signature(version: string): Promise<string>;
  /** The first file that is still to come; undefined: it has all that its SHA256SUMS names. */
  missing(version: string): Promise<string | undefined>;
  /** Tries the version where it can hurt nobody. @throws ArtifactFault */
  check(version: string): Promise<void>;
  /** @throws ArtifactFault */
  open(version: string): Promise<ModelVersion>;
}

/** A folder that nobody has written to for so long is whole, if it has all its files. */
const STILL_MS = 1_000;

type Phase = 'waiting' | 'whole' | 'busy' | 'passed' | 'ready' | 'retiring' | 'refused';

/** One version from the first sight of its folder to the release of its last byte. */
export class VersionLife {
  private phase: Phase = 'waiting';
  private reason: string | undefined;
  private signature: string | undefined;
  /** What the files were when they passed the check; as long as they are the same, they need no other. */
  private checked: string | undefined;
  private stillSince = 0;
  loaded: ModelVersion | undefined;
  /** Its folder is gone; what is loaded is served on from memory. */
  isGone = false;

  constructor(
    readonly version: string,
    private readonly folders: VersionFolders,
  ) {}

  /** Whether it answers, or may yet do so. */
  get isUsable(): boolean {
    return !this.isGone && ['whole', 'busy', 'passed', 'ready'].includes(this.phase);
  }

  get isBusy(): boolean {
    return this.phase === 'busy' || this.phase === 'retiring';
  }

  get isReady(): boolean {
    return this.phase === 'ready';
  }

  /** Whether another look at the folder could change anything. */
  get isSettled(): boolean {
    return this.phase === 'passed' || this.phase === 'ready';
  }

  get state(): VersionState {
    const { version, reason, loaded } = this;
    const why = { ...(reason !== undefined && { reason }) };
    switch (this.phase) {
      case 'waiting':
      case 'busy':
        return { version, phase: 'loading', ...why };
      case 'whole':
      case 'passed':
        return { version, phase: 'available' };
      case 'ready':
        return {
          version,
          phase: 'ready',
          loaded,
          ...(this.isGone && { reason: 'its folder is gone; it is served on from memory' }),
        };
      default:
        return { version, phase: this.phase, ...why };
    }
  }

  /** Looks at the folder of a version that is not loaded. `isTrusted`: as it stands, without waiting for it to be still. */
  async look(now: number, isTrusted: boolean): Promise<void> {
    if (this.isBusy || this.isSettled) return;
    const signature = await this.folders.signature(this.version);
    // What was refused for a reason that has passed since, such as too little memory, gets another try.
    const isAnew = isTrusted && this.phase === 'refused';
    if (isAnew || signature !== this.signature) {
      this.signature = signature;
      this.stillSince = now;
      this.phase = 'waiting';
      this.reason = undefined;
    }
    if (this.phase !== 'waiting') return;
    if (!isTrusted && now - this.stillSince < STILL_MS) return;
    const missing = await this.folders.missing(this.version);
    this.reason = missing && `${missing} is missing`;
    if (missing === undefined) this.phase = 'whole';
  }

  /** Takes the word of whoever put it there that it has passed the check. */
  pass(): void {
    if (this.phase === 'whole') this.checked = this.signature;
  }

  /** Why it cannot be a version at all. */
  refuse(reason: string): void {
    this.phase = 'refused';
    this.reason = reason;
  }

  /**
   * Checks and opens it; what has passed before, or `isTrusted`, is only opened.
   * @throws what is no fault of the artifact; the version is refused then too.
   */
  async bring(isTrusted: boolean): Promise<void> {
    this.phase = 'busy';
    try {
      this.signature = await this.folders.signature(this.version);
      if (!isTrusted && this.signature !== this.checked) await this.folders.check(this.version);
      this.checked = this.signature;
      this.loaded = await this.folders.open(this.version);
      this.phase = 'ready';
      this.reason = undefined;
    } catch (error) {
      this.refuse((error as Error).message);
      if (!(error instanceof ArtifactFault)) throw error;
    }
  }

  /** Lets it answer what it has, and gives it back. */
  async retire(): Promise<void> {
    this.phase = 'retiring';
    await this.loaded?.close();
    this.loaded = undefined;
    this.phase = 'passed';
  }
}
