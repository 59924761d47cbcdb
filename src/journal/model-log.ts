import { PredictionLogUnavailable } from '../errors/errors.js';
import { isDiskFull } from '../files/writable-folder.js';
import { ModelOutage } from './model-outage.js';
import { dayOf, type RecordDisk, SMALL_BYTES } from './record-disk.js';
import type { RecordFile } from './record-file.js';
import type { RecordLog } from './record-log.js';
import { isOutOfDescriptors } from './spare-descriptor.js';

/** Lines that are not yet in a file (durability `buffered` only). */
interface Held {
  readonly bytes: Buffer;
  readonly records: number;
  readonly digests: string;
}

/**
 * The records of one model at durability `written` or `buffered`. A batch takes a file before its lines are made, so that
 * each line knows its number, and nobody else gets that file until the lines are appended or the file is given back. One file is enough unless calls of
 * several runs are under way.
 *
 * When the disk refuses, the smallest part that is broken stops: the call that did not fit or found no descriptor, this
 * model, or all of them.
 */
export class ModelLog implements RecordLog {
  private readonly idle: RecordFile[] = [];
  private readonly held = new Map<RecordFile, Held>();
  private readonly outage: ModelOutage;

  constructor(
    readonly model: string,
    private readonly disk: RecordDisk,
    /** Asked for where records may wait for a moment; undefined: each is written at once. */
    private readonly flushSoon: ((bytes: number) => void) | undefined,
  ) {
    this.outage = new ModelOutage(model, disk, () => this.flush());
  }

  get isOut(): boolean {
    return this.outage.isOn;
  }

  get isWritable(): boolean {
    return !this.outage.isOn && this.disk.isWritable;
  }

  assertWritable(): void {
    if (!this.isWritable) throw new PredictionLogUnavailable();
  }

  take(now = Date.now()): RecordFile {
    this.assertWritable();
    const day = dayOf(now);
    const file = this.idle.pop();
    if (file !== undefined && this.disk.isCurrent(file, day, now)) return file;
    if (file !== undefined) this.close(file);
    for (const old of this.idle.filter((each) => each.day !== day)) this.close(old);
    try {
      return this.disk.open(this.model, day);
    } catch (error) {
      this.refuse(error, 0);
      throw new PredictionLogUnavailable();
    }
  }

  append(file: RecordFile, lines: Buffer, records: number, digests: string): number {
    const started = performance.now();
    if (!this.isWritable) {
      this.idle.push(file);
      throw new PredictionLogUnavailable();
    }
    if (this.flushSoon === undefined) {
      const target = this.write(file, { bytes: lines, records, digests });
      target.give(records, digests);
      this.idle.push(target);
      this.disk.metrics.count(this.model, records, lines.length);
      return this.took(started);
    }
    const before = this.held.get(file) ?? { bytes: Buffer.of(), records: 0, digests: '' };
    const bytes = Buffer.concat([before.bytes, lines]);
    this.held.set(file, { bytes, records: before.records + records, digests: before.digests + digests });
    file.give(records, digests);
    this.idle.push(file);
    this.flushSoon(bytes.length);
    return this.took(started);
  }

  giveBack(file: RecordFile): void {
    this.idle.push(file);
  }

  /** Writes what is held; what cannot be written goes on waiting (its replies are gone already). */
  flush(): void {
    for (const [file, held] of this.held) {
      const started = performance.now();
      try {
        const target = this.write(file, held);
        if (target !== file) this.idle.push(target);
      } catch (error) {
        if (!(error instanceof PredictionLogUnavailable)) throw error;
        continue;
      }
      this.held.delete(file);
      this.took(started);
      this.disk.metrics.count(this.model, held.records, held.bytes.length);
    }
  }

  end(): void {
    this.flush();
    this.outage.end();
    for (const file of this.idle.splice(0)) this.disk.close(file);
  }

  /** @returns the file that has the lines now: in the one that follows a deleted or failed file, the numbers go on. */
  private write(file: RecordFile, { bytes, records, digests }: Held): RecordFile {
    let target = file;
    try {
      if (file.isClosed || file.isDeleted) {
        this.close(file);
        target = this.disk.open(this.model, file.day, file);
      }
      target.append(bytes, records, digests);
      // What is given out of the old one goes on behind these.
      if (target !== file) file.written.add(records, digests);
      return target;
    } catch (error) {
      this.refuse(error, bytes.length, target);
      throw new PredictionLogUnavailable();
    }
  }

  /** @returns the seconds since `started`, in which the disk was waited for. */
  private took(started: number): number {
    const seconds = (performance.now() - started) / 1000;
    this.disk.waited(this.model, seconds, 'every route with it');
    return seconds;
  }

  private close(file: RecordFile): void {
    this.forget(file);
    if (!file.isClosed) this.disk.close(file);
  }

  private forget(file: RecordFile): void {
    const place = this.idle.indexOf(file);
    if (place !== -1) this.idle.splice(place, 1);
  }

  /** Finds the smallest part that is broken, and stops that. */
  private refuse(error: unknown, bytes: number, file?: RecordFile): void {
    const isDisk = !isOutOfDescriptors(error) && !this.disk.takesLittle();
    const isCall = !isDisk && (isOutOfDescriptors(error) || (isDiskFull(error) && bytes > SMALL_BYTES));
    // What is held for later is no call's any more.
    if (isCall && this.flushSoon === undefined && (file?.isWhole ?? true)) {
      if (file !== undefined && !file.isClosed) this.idle.push(file);
      return this.outage.tellOfCall(error, bytes);
    }
    if (file !== undefined && !file.isClosed) {
      // The probe tries a file of its own and says nothing of this one, which may be what is broken.
      this.forget(file);
      this.disk.giveUp(file);
    }
    if (isDisk) this.disk.suspend(error);
    else this.outage.begin(error);
  }
}
