import { PredictionLogFailed, PredictionLogUnavailable } from '../errors/errors.js';
import { atRecordDisk } from './disk-threads.js';
import { isSyncFailure, type PoolFile } from './pool-file.js';
import { newBeginning } from './line-digest.js';
import type { SyncedDisk } from './synced-disk.js';
import { lastOf, WrittenLines } from './written-lines.js';

/** Lines of one batch, whose replies wait. */
interface Waiting {
  readonly lines: Buffer;
  readonly records: number;
  readonly digests: string;
  readonly settle: (error?: Error) => void;
}

/**
 * Lines of one model and day on their way to the disk, in order. All that come while one sync runs share the next, so
 * that the disk is asked as often as it can answer and not once for each call. The file is opened when the first lines
 * come, and anew when somebody has deleted it; the numbers of the lines go on then.
 */
export class SyncedFile {
  /** Number of the last line that was given out. */
  lines = 0;
  /** Digest of that line. */
  last = newBeginning();
  /** Bytes that were given out. */
  bytes = 0;
  /** Whether it takes no more lines. */
  isOver = false;
  private queue: Waiting[] = [];
  private file: PoolFile | undefined;
  /** The lines that are on the disk, also those of a file that somebody has deleted since. */
  private written = new WrittenLines(0, this.last);
  private working: Promise<void> | undefined;

  constructor(
    private readonly model: string,
    /** As in the name of its folder, in UTC. */
    readonly date: string,
    private readonly disk: SyncedDisk,
    /** Told of what the disk refused, before the calls are. */
    private readonly refused: (error: unknown, bytes: number, isWhole: boolean) => Promise<void>,
  ) {}

  /**
   * Resolves when `lines`, which are copied, are on the disk. Rejects if they are not: then none of them, and nothing
   * that was given out after them, is in the file. @throws PredictionLogUnavailable, PredictionLogFailed
   */
  append(lines: Buffer, records: number, digests: string): Promise<void> {
    if (this.isOver) throw new PredictionLogUnavailable();
    this.lines += records;
    this.last = lastOf(digests, this.last);
    this.bytes += lines.length;
    this.disk.waiting.add(lines.length);
    return new Promise((resolve, reject) => {
      const settle = (error?: Error): void => {
        this.disk.waiting.remove(lines.length);
        if (error === undefined) resolve();
        else reject(error);
      };
      this.queue.push({ lines: Buffer.from(lines), records, digests, settle });
      void this.work();
    });
  }

  /** Takes no more lines, and resolves when those that wait are on the disk and the file is closed. */
  retire(): Promise<void> {
    this.isOver = true;
    return this.work();
  }

  private work(): Promise<void> {
    return (this.working ??= this.writeGroups());
  }

  private async writeGroups(): Promise<void> {
    while (this.queue.length > 0) await atRecordDisk(() => this.writeGroup());
    if (this.isOver) await atRecordDisk(() => this.close());
    this.working = undefined;
  }

  /** Never fails: those who wait are told. */
  private async writeGroup(): Promise<void> {
    const group = this.queue.splice(0);
    if (this.disk.base.failure !== undefined) return this.refuse(group);
    const lines = group.length === 1 ? group[0]!.lines : Buffer.concat(group.map((each) => each.lines));
    const started = performance.now();
    try {
      // Lines that come now are numbered after these, so what could not be written once is not tried again.
      if (this.file !== undefined && !(await this.disk.mayWrite(this.file))) await this.close();
      this.file ??= await this.open();
      const records = group.reduce((sum, each) => sum + each.records, 0);
      await this.file.append(lines, records, group.map((each) => each.digests).join(''));
    } catch (error) {
      await this.fail(group, error, lines.length);
      return;
    }
    this.disk.took(this.model, (performance.now() - started) / 1000);
    for (const { settle } of group) settle();
  }

  private open(): Promise<PoolFile> {
    this.written = new WrittenLines(this.written.lines, this.written.last);
    return this.disk.open(this.model, this.date, this.written);
  }

  private async fail(group: readonly Waiting[], error: unknown, bytes: number): Promise<void> {
    this.isOver = true;
    const { file } = this;
    this.file = undefined;
    const hasFailed = isSyncFailure(error);
    if (hasFailed) this.disk.base.fail(error);
    if (file !== undefined) await this.disk.giveUp(file);
    if (!hasFailed) await this.refused(error, bytes, file?.isWhole ?? true);
    this.refuse(group);
  }

  /** Tells those of the group, and who has come after them. */
  private refuse(group: readonly Waiting[]): void {
    this.isOver = true;
    const hasFailed = this.disk.base.failure !== undefined;
    const error = hasFailed ? new PredictionLogFailed() : new PredictionLogUnavailable();
    for (const { settle } of [...group, ...this.queue.splice(0)]) settle(error);
  }

  private async close(): Promise<void> {
    const { file } = this;
    this.file = undefined;
    if (file !== undefined) await this.disk.close(file);
  }
}
