import { rmSync } from 'node:fs';
import type { AppConfig } from '../config/app-config.js';
import { probeFolder } from '../files/writable-folder.js';
import type { AppLogger } from '../observability/app-logger.js';
import type { LogMetrics } from './log-metrics.js';
import type { OpenMarks } from './open-marks.js';
import { Outage } from './outage.js';
import { RecordFile } from './record-file.js';
import { DAY_MS } from './record-name.js';
import type { SealChain } from './seal-chain.js';
import { type FileSealed, sealedName, tellSealed } from './seal-entries.js';
import { SpareDescriptor } from './spare-descriptor.js';
import type { LinesSeal } from './written-lines.js';

/** Service goes on when this much can be written: it would stop again at once on a disk with less. */
const ENOUGH_BYTES = 65_536;
/** As much as some calls of one row; where this can be written, the disk is not full for everybody. */
export const SMALL_BYTES = 4_096;
/** Somebody who waits for the disk this long is told of. */
const STALL_SECONDS = 0.5;

/** The folder of all records: whether it can be written to, and the files that are open in it. */
export class RecordDisk {
  private readonly spare = new SpareDescriptor();
  private readonly outage: Outage;
  /** Why nothing is recorded any more before a restart; undefined: it is. */
  failure: string | undefined;

  constructor(
    private readonly config: AppConfig,
    private readonly marks: OpenMarks,
    readonly seals: SealChain,
    readonly logger: AppLogger,
    readonly metrics: LogMetrics,
    resumed: () => void,
  ) {
    this.outage = new Outage(() => config.predictionLogDir, ENOUGH_BYTES, resumed);
  }

  get root(): string {
    return this.config.predictionLogDir;
  }

  get isWritable(): boolean {
    return !this.outage.isOn && this.failure === undefined;
  }

  /** Whether this moment a few records could be written, of some model. */
  takesLittle(): boolean {
    try {
      probeFolder(this.root, SMALL_BYTES);
      return true;
    } catch {
      return false;
    }
  }

  /** Refuses predictions from now on, until a probe of the folder succeeds. */
  suspend(error: unknown): void {
    if (!this.isWritable) return;
    this.metrics.fail();
    this.logger.failure('prediction log not writable: predictions are refused until it is', error);
    this.outage.begin();
  }

  /**
   * Refuses predictions for good. The kernel may have dropped what it could not write, and says so once: another sync
   * that succeeds proves nothing.
   */
  fail(error: unknown): void {
    if (this.failure !== undefined) return;
    this.failure = (error as Error).message;
    this.metrics.fail();
    this.logger.failure(
      'records could not be synced to the disk: predictions are refused until this server is restarted',
      error,
    );
    this.outage.end();
  }

  /** Counts and tells a wait for the disk that was long; `what` says what stood still with it. */
  waited(model: string, seconds: number, what: string): void {
    if (seconds < STALL_SECONDS) return;
    this.metrics.stall(seconds);
    this.logger.warn(`the disk of the prediction log stood still, and ${what}`, {
      model,
      seconds: Math.round(seconds * 10) / 10,
    });
  }

  /** Makes a file of a model and a day, whose lines go on from those of `before`, if any. @throws NodeJS.ErrnoException */
  open(model: string, day: number, before?: RecordFile): RecordFile {
    return this.spare.open(() => {
      const mark = this.marks.add(model, new Date(day * DAY_MS).toISOString().slice(0, 10));
      let file: RecordFile | undefined;
      try {
        file = RecordFile.open(mark, day, before);
        const { lines, last } = file.written;
        this.seals.append({ begun: this.nameOf(mark.path), lines, last });
        return file;
      } catch (error) {
        file?.close();
        if (file !== undefined) rmSync(mark.path, { force: true });
        this.marks.remove(mark);
        throw error;
      }
    });
  }

  /** The seal of a file that gets no more lines from this process. */
  sealOf(path: string, lines: LinesSeal): FileSealed {
    return { sealed: this.nameOf(path), ...lines, by: 'writer' };
  }

  /** How a record file is called in the seals. */
  nameOf(path: string): string {
    return sealedName(this.root, path);
  }

  /** As `tellSealed`. */
  tellSealed(seal: FileSealed): void {
    tellSealed(this.logger, seal, this.seals.head);
  }

  /** A file without a seal keeps a mark, by which a look at leftovers finds and seals it. */
  tellUnsealed(path: string, error: unknown): void {
    this.logger.failure('record file not sealed; tried again within a minute', error, { file: path });
  }

  /** Whether a file takes more lines on `day`. */
  isCurrent(file: RecordFile, day: number, now: number): boolean {
    return (
      file.day === day && file.bytes < this.config.predictionLogFileBytes && this.marks.holds(file.mark, now)
    );
  }

  close(file: RecordFile): void {
    try {
      file.close();
    } catch (error) {
      this.logger.failure('record file not closed cleanly', error);
    }
    this.seal(file);
  }

  /** Closes a file that failed, and removes it if it holds no line. What goes wrong here, the failure has told already. */
  giveUp(file: RecordFile): void {
    try {
      file.close();
    } catch {
      // Torn or not: it may have lost its descriptor before it could be cut off.
    }
    if (file.isWhole) this.seal(file);
    else this.marks.leave(file.mark);
  }

  end(): void {
    this.outage.end();
    this.spare.close();
  }

  /** Seals a file that is closed and whole, and removes it if it holds no line. */
  private seal(file: RecordFile): void {
    const seal = this.sealOf(file.mark.path, file.written.seal());
    try {
      this.seals.append(seal);
    } catch (error) {
      this.tellUnsealed(file.mark.path, error);
      this.marks.leave(file.mark);
      return;
    }
    this.tellSealed(seal);
    // Its seal says that it had none.
    if (file.bytes === 0) rmSync(file.mark.path, { force: true });
    this.marks.remove(file.mark);
  }
}

/** The day of a moment, in days since 1970 in UTC. */
export function dayOf(now: number): number {
  return Math.floor(now / DAY_MS);
}
