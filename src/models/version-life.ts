import { ArtifactFault } from '../artifacts/artifact-fault.js';
import type { VersionState } from './model-registry.js';
import type { ModelVersion } from './model-version.js';

/** What can be done with the version folders of one model; the real one reads the disk, specs have their own. */
export interface VersionFolders {
  /** Names, sizes and times of the files: as long as the text stays, nothing has been written. @throws ArtifactFault */
  signature(version: string): Promise<string>;
  /** The first file that is still to come; undefined: it has all that its SHA256SUMS names. @throws ArtifactFault */
  missing(version: string): Promise<string | undefined>;
  /** The text of its SHA256SUMS; undefined where there is none. */
  sums(version: string): Promise<string | undefined>;
  /** Tries the version where it can hurt nobody. @returns the CPU seconds of one row. @throws ArtifactFault */
  check(version: string): Promise<number>;
  /** `secondsPerRow`: what a check has measured; without it, opening it measures. @throws ArtifactFault */
  open(version: string, secondsPerRow: number | undefined): Promise<ModelVersion>;
}

/** A version that has passed the check of whoever has put it in its place. */
export interface Passed {
  readonly version: string;
  /** CPU time, as the check has measured it; undefined where nobody had to know. */
  readonly secondsPerRow: number | undefined;
}

/** A folder that nobody has written to for so long is whole, if it has all its files. */
const STILL_MS = 1_000;
/** What does not pass is looked at again after a tenth of the time for which it has been so, at the latest after so long. */
const LOOK_MS = 10_000;
/** What failed for a reason that is not the version's own is tried again after so long. */
const AGAIN_MS = 60_000;

type Phase = 'waiting' | 'whole' | 'busy' | 'passed' | 'ready' | 'retiring' | 'refused';

/** One version from the first sight of its folder to the release of its last byte. */
export class VersionLife {
  private phase: Phase = 'waiting';
  private reason: string | undefined;
  private signature: string | undefined;
  /** What the files were when they passed the check; as long as they are the same, they need no other. */
  private checked: string | undefined;
  /** CPU time, as it was measured when they passed. */
  private secondsPerRow: number | undefined;
  private stillSince = 0;
  private lookAt = 0;
  private againAt = Infinity;
  /** The sums of what is loaded. */
  private sums: string | undefined;
  loaded: ModelVersion | undefined;
  /** Why it answers nobody for now though it is loaded, when it was last looked at. */
  private fault: string | undefined;
  /** Its folder is gone; what is loaded is served on from memory. */
  isGone = false;
  /** Its folder holds other files than those that are loaded. */
  isReplaced = false;

  constructor(
    readonly version: string,
    private readonly folders: VersionFolders,
    private readonly now: () => number,
  ) {}

  /** Whether it answers, or may yet do so. */
  get isUsable(): boolean {
    return !this.isGone && !['waiting', 'refused'].includes(this.phase);
  }

  get isBusy(): boolean {
    return this.phase === 'busy' || this.phase === 'retiring';
  }

  get isReady(): boolean {
    return this.phase === 'ready';
  }

  /** Whether its folder needs no look now, as long as no name changes in the folder above. */
  get isSettled(): boolean {
    if (!this.isAtRest) return this.now() < this.lookAt;
    return !this.isReplaced && this.loaded?.fault === this.fault;
  }

  /** Whether what is written into the folder changes nothing before the next load. */
  private get isAtRest(): boolean {
    return ['whole', 'passed', 'ready'].includes(this.phase);
  }

  get state(): VersionState {
    const { version, reason, loaded, isGone } = this;
    const why = { ...(reason !== undefined && { reason }) };
    switch (this.phase) {
      case 'waiting':
      case 'busy':
        return { version, phase: 'loading', ...why };
      case 'whole':
      case 'passed':
        return { version, phase: 'available' };
      case 'ready':
        return { version, ...this.answering(), loaded, ...(isGone && { isGone }) };
      default:
        return { version, phase: this.phase, ...why };
    }
  }

  /** Looks at the folder. `isTrusted`: whole as it stands, without waiting for it to be still. */
  async look(isTrusted: boolean): Promise<void> {
    this.fault = this.loaded?.fault;
    try {
      if (this.isReady) await this.lookBehind();
      else if (!this.isBusy && !this.isAtRest) await this.lookAhead(isTrusted);
    } catch (error) {
      if (!(error instanceof ArtifactFault)) throw error;
      // It says so again at each look until it can be read.
      if (!this.isReady) this.refuse(error.message);
      this.signature = undefined;
    }
  }

  /** Takes the word of whoever put it there that it has passed the check. */
  pass({ secondsPerRow }: Passed): void {
    if (this.phase !== 'whole') return;
    this.checked = this.signature;
    this.secondsPerRow = secondsPerRow;
  }

  /** What stands there is no folder: it can be none before a name changes in the folder above. */
  refuseName(reason: string): void {
    this.refuse(reason);
    this.lookAt = Infinity;
  }

  /**
   * Checks and opens it; what has passed before, or `isTrusted`, is only opened.
   * @throws what is no fault of the artifact; the version is refused then too, and tried again later.
   */
  async bring(isTrusted: boolean): Promise<void> {
    this.phase = 'busy';
    this.signature = undefined;
    try {
      this.signature = await this.folders.signature(this.version);
      if (!isTrusted && this.signature !== this.checked)
        this.secondsPerRow = await this.folders.check(this.version);
      this.checked = this.signature;
      this.sums = await this.folders.sums(this.version);
      this.loaded = await this.folders.open(this.version, this.secondsPerRow);
      this.secondsPerRow = this.loaded.secondsPerRow;
      this.phase = 'ready';
      this.reason = undefined;
    } catch (error) {
      this.refuse((error as Error).message);
      if (error instanceof ArtifactFault) return;
      this.againAt = this.now() + AGAIN_MS;
      throw error;
    }
  }

  /** Lets it answer what it has, and gives it back. */
  async retire(): Promise<void> {
    this.phase = 'retiring';
    try {
      await this.loaded?.close();
    } finally {
      this.loaded = undefined;
      this.fault = undefined;
      this.isReplaced = false;
      this.phase = 'passed';
    }
  }

  private refuse(reason: string): void {
    this.phase = 'refused';
    this.reason = reason;
    this.againAt = Infinity;
  }

  private async lookAhead(isTrusted: boolean): Promise<void> {
    const signature = await this.folders.signature(this.version);
    const now = this.now();
    // What was refused for a reason that may have passed since, such as too little memory, gets another try.
    const isDue = this.phase === 'refused' && (isTrusted || now >= this.againAt);
    if (isDue || signature !== this.signature) {
      this.signature = signature;
      this.stillSince = now;
      this.phase = 'waiting';
      this.reason = undefined;
    }
    this.lookAt = now + Math.min(LOOK_MS, (now - this.stillSince) / 10);
    if (this.phase !== 'waiting') return;
    if (!isTrusted && now - this.stillSince < STILL_MS) return;
    const missing = await this.folders.missing(this.version);
    this.reason = missing && `${missing} is missing`;
    if (missing === undefined) this.phase = 'whole';
  }

  /** A number names the same files for ever; where somebody has put others there, what is loaded is served on. */
  private async lookBehind(): Promise<void> {
    const signature = await this.folders.signature(this.version);
    if (signature === this.signature) return;
    const sums = await this.folders.sums(this.version);
    this.isReplaced = sums !== this.sums;
    if (!this.isReplaced) this.signature = signature;
  }

  /** Whether it answers, and what is wrong with it or with its folder. */
  private answering(): Pick<VersionState, 'phase' | 'reason'> {
    if (this.fault !== undefined) return { phase: 'failing', reason: this.fault };
    const phase = 'ready';
    if (this.isGone) return { phase, reason: 'its folder is gone; it is served on from memory' };
    if (!this.isReplaced) return { phase };
    const reason = 'its folder holds other files now; what was loaded before is served until a restart';
    return { phase, reason };
  }
}
