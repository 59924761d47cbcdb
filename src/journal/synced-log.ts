import { PredictionLogFailed, PredictionLogUnavailable } from '../errors/errors.js';
import { ModelOutage } from './model-outage.js';
import type { RecordLog } from './record-log.js';
import type { SyncedDisk } from './synced-disk.js';
import { SyncedFile } from './synced-file.js';

/**
 * The records of one model at durability `synced`: a batch has recorded its lines when they are on the disk. Numbers are
 * given out at once, so the next batch may go on with the same file while the disk is busy with the last one.
 */
export class SyncedLog implements RecordLog {
  private readonly idle: SyncedFile[] = [];
  /** Those that are not closed yet. */
  private readonly open = new Set<SyncedFile>();
  private readonly outage: ModelOutage;

  constructor(
    readonly model: string,
    private readonly disk: SyncedDisk,
    /** A file is followed by the next at this size. */
    private readonly fileBytes: number,
  ) {
    this.outage = new ModelOutage(model, disk.base);
  }

  get isOut(): boolean {
    return this.outage.isOn;
  }

  get isWritable(): boolean {
    return !this.outage.isOn && this.disk.base.isWritable && !this.disk.isBehind;
  }

  assertWritable(): void {
    if (this.disk.base.failure !== undefined) throw new PredictionLogFailed();
    if (!this.isWritable) throw new PredictionLogUnavailable();
  }

  take(now = Date.now()): SyncedFile {
    this.assertWritable();
    const date = new Date(now).toISOString().slice(0, 10);
    const free = this.idle.splice(0);
    for (const file of free) {
      if (file.isOver || file.date !== date || file.bytes >= this.fileBytes) this.retire(file);
      else this.idle.push(file);
    }
    return this.idle.pop() ?? this.begin(date);
  }

  async append(file: SyncedFile, lines: Buffer, records: number, digests: string): Promise<number> {
    const started = performance.now();
    this.giveBack(file);
    await file.append(lines, records, digests);
    this.disk.base.metrics.count(this.model, records, lines.length);
    return (performance.now() - started) / 1000;
  }

  giveBack(file: SyncedFile): void {
    this.idle.push(file);
  }

  async end(): Promise<void> {
    await Promise.all([...this.open].map((file) => file.retire()));
    this.outage.end();
  }

  private begin(date: string): SyncedFile {
    const file = new SyncedFile(this.model, date, this.disk, this.refuse.bind(this));
    this.open.add(file);
    return file;
  }

  private retire(file: SyncedFile): void {
    void file.retire().then(() => this.open.delete(file));
  }

  /** Finds the smallest part that is broken, and stops that. */
  private async refuse(error: unknown, bytes: number, isWhole: boolean): Promise<void> {
    const broken = await this.disk.isBroken(error, bytes, isWhole);
    if (broken === 'call') this.outage.tellOfCall(error, bytes);
    else if (broken === 'model') this.outage.begin(error);
    else this.disk.base.suspend(error);
  }
}
