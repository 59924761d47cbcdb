import { rm } from 'node:fs/promises';
import { isDiskFull } from '../files/writable-folder.js';
import { tryFolder } from './outage.js';
import { isSyncFailure, PoolFile } from './pool-file.js';
import { type RecordDisk, SMALL_BYTES } from './record-disk.js';
import { isOutOfDescriptors, SpareDescriptor } from './spare-descriptor.js';
import type { SyncedMarks } from './synced-marks.js';
import { WaitingLines } from './waiting-lines.js';
import type { WrittenLines } from './written-lines.js';

/** What a refusal of the disk concerns: one call, one model, or all. */
export type Broken = 'call' | 'model' | 'disk';

/** The folder of all records as `RecordDisk` has it, at durability `synced`: nothing of it is done on the event loop. */
export class SyncedDisk {
  readonly waiting = new WaitingLines();
  private readonly spare = new SpareDescriptor();
  private isStillTold = false;

  constructor(
    readonly base: RecordDisk,
    private readonly marks: SyncedMarks,
  ) {}

  /** Whether no further lines should wait. That the disk stands still is told once each time. */
  get isBehind(): boolean {
    const { isStill, isFull } = this.waiting;
    if (isStill && !this.isStillTold)
      this.base.logger.warn(
        'the disk of the prediction log stands still: predictions are refused until it goes on',
      );
    this.isStillTold = isStill;
    return isFull;
  }

  /** Makes a file of a model and a day; `written` is to have its lines. @throws NodeJS.ErrnoException */
  open(model: string, date: string, written: WrittenLines): Promise<PoolFile> {
    return this.spare.openOnPool(async () => {
      const mark = await this.marks.addOnPool(model, date);
      let file: PoolFile | undefined;
      try {
        file = await PoolFile.open(mark, written);
        const { lines, last } = written;
        await this.base.seals.appendOnPool({ begun: this.base.nameOf(mark.path), lines, last });
        return file;
      } catch (error) {
        await file?.close().catch(() => undefined);
        if (file !== undefined) await rm(mark.path, { force: true }).catch(() => undefined);
        await this.marks.removeOnPool(mark);
        throw error;
      }
    });
  }

  /** Whether lines may still be written to a file: nobody has deleted it, or taken it over as that of a dead process. */
  async mayWrite(file: PoolFile): Promise<boolean> {
    return (await this.marks.holdsOnPool(file.mark)) && !(await file.isDeleted());
  }

  async close(file: PoolFile): Promise<void> {
    try {
      await file.close();
    } catch (error) {
      this.base.logger.failure('record file not closed cleanly', error);
    }
    await this.seal(file);
  }

  /** Closes a file that failed, and removes it if it holds no line. What goes wrong here, the failure has told already. */
  async giveUp(file: PoolFile): Promise<void> {
    await file.cutOff();
    await file.close().catch(() => undefined);
    if (!file.isWhole) return await this.marks.leaveOnPool(file.mark);
    await this.seal(file);
  }

  /** The smallest part that is broken, where so many bytes could not be written. `isWhole`: nothing of them is left. */
  async isBroken(error: unknown, bytes: number, isWhole: boolean): Promise<Broken> {
    const isOut = isOutOfDescriptors(error);
    if (!isOut && !(await tryFolder(this.base.root, SMALL_BYTES))) return 'disk';
    const isCall = isOut || (isDiskFull(error) && bytes > SMALL_BYTES);
    return isCall && isWhole ? 'call' : 'model';
  }

  /** Takes in what writing and syncing took. */
  took(model: string, seconds: number): void {
    this.base.metrics.sync(seconds);
    this.base.waited(model, seconds, 'predictions waited for it');
  }

  end(): void {
    this.spare.close();
  }

  /** As `RecordDisk` seals a file. */
  private async seal(file: PoolFile): Promise<void> {
    const seal = this.base.sealOf(file.mark.path, file.written.seal());
    try {
      await this.base.seals.appendOnPool(seal);
    } catch (error) {
      if (isSyncFailure(error)) this.base.fail(error);
      this.base.tellUnsealed(file.mark.path, error);
      await this.marks.leaveOnPool(file.mark);
      return;
    }
    this.base.tellSealed(seal);
    if (file.size === 0) await rm(file.mark.path, { force: true }).catch(() => undefined);
    await this.marks.removeOnPool(file.mark);
  }
}
