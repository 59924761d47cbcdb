import { rm } from 'node:fs/promises';
import { isDiskFull } from '../files/writable-folder.js';
import { tryFolder } from './outage.js';
import { PoolFile } from './pool-file.js';
import { type RecordDisk, SMALL_BYTES } from './record-disk.js';
import { isOutOfDescriptors, SpareDescriptor } from './spare-descriptor.js';
import type { SyncedMarks } from './synced-marks.js';
import { WaitingLines } from './waiting-lines.js';

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

  /** Makes a file of a model and a day. @throws NodeJS.ErrnoException */
  open(model: string, date: string): Promise<PoolFile> {
    return this.spare.openOnPool(async () => {
      const mark = await this.marks.addOnPool(model, date);
      try {
        return await PoolFile.open(mark);
      } catch (error) {
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
    await this.marks.removeOnPool(file.mark);
  }

  /** Closes a file that failed, and removes it if it holds no line. What goes wrong here, the failure has told already. */
  async giveUp(file: PoolFile): Promise<void> {
    await file.cutOff();
    await file.close().catch(() => undefined);
    if (!file.isWhole) return await this.marks.leaveOnPool(file.mark);
    if (file.size === 0) await rm(file.mark.path).catch(() => undefined);
    await this.marks.removeOnPool(file.mark);
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
}
