import { join } from 'node:path';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { AppConfig } from '../config/app-config.js';
import { PredictionLogUnavailable } from '../errors/errors.js';
import { AppLogger } from '../observability/app-logger.js';
import { makeFolder, probeFolder } from '../files/writable-folder.js';
import { LogMetrics } from './log-metrics.js';
import { RecordFile } from './record-file.js';

const RETRY_MS = 250;
const FLUSH_MS = 100;
const FLUSH_BYTES = 262_144;

/** Lines of one model that are not yet in a file (durability `buffered` only). */
interface Pending {
  bytes: Buffer;
  records: number;
}

/**
 * The durable record of predictions: `<dir>/model=<name>/date=<yyyy-mm-dd>/<host>-<pid>-<n>.ndjson`.
 * At `written`, `append` returns after the lines are in the file, so that a reply sent afterwards survives the process.
 * When the disk refuses, predictions are refused too, until a probe succeeds again.
 */
@Injectable()
export class PredictionLog implements OnApplicationShutdown {
  private readonly files = new Map<string, { date: string; file: RecordFile }>();
  private readonly pending = new Map<string, Pending>();
  private retry: NodeJS.Timeout | undefined;
  private flushing: NodeJS.Timeout | undefined;

  constructor(
    private readonly config: AppConfig,
    private readonly logger: AppLogger,
    private readonly metrics: LogMetrics,
  ) {}

  get durability(): AppConfig['predictionLogDurability'] {
    return this.config.predictionLogDurability;
  }

  get isWritable(): boolean {
    return this.retry === undefined;
  }

  /** @throws PredictionLogUnavailable while nothing can be recorded: asked before a model runs in vain. */
  assertWritable(): void {
    if (!this.isWritable) throw new PredictionLogUnavailable();
  }

  /**
   * Records whole lines (each ends in a line feed) of one model. `lines` is copied where it is kept.
   * @throws PredictionLogUnavailable if they could not be written; then none of them is in the file.
   */
  append(model: string, lines: Buffer, records: number, now = new Date()): void {
    this.assertWritable();
    if (this.durability === 'written') return this.write(model, lines, records, now);
    const pending = this.pending.get(model) ?? { bytes: Buffer.of(), records: 0 };
    const bytes = Buffer.concat([pending.bytes, lines]);
    this.pending.set(model, { bytes, records: pending.records + records });
    if (bytes.length >= FLUSH_BYTES) this.flush();
    else this.flushing ??= setTimeout(() => this.flush(), FLUSH_MS);
  }

  onApplicationShutdown(): void {
    if (this.pending.size > 0) this.flush();
    clearTimeout(this.flushing);
    clearInterval(this.retry);
    for (const { file } of this.files.values()) {
      try {
        file.close();
      } catch (error) {
        this.logger.failure('record file not closed cleanly', error);
      }
    }
    this.files.clear();
  }

  /** Writes what waits; what cannot be written goes on waiting (its replies are gone already). */
  private flush(): void {
    clearTimeout(this.flushing);
    this.flushing = undefined;
    for (const [model, { bytes, records }] of this.pending) {
      try {
        this.write(model, bytes, records, new Date());
        this.pending.delete(model);
      } catch (error) {
        if (!(error instanceof PredictionLogUnavailable)) throw error;
      }
    }
  }

  private write(model: string, bytes: Buffer, records: number, now: Date): void {
    try {
      this.fileFor(model, now).append(bytes);
    } catch (error) {
      // The probe tries a file of its own and says nothing of this one, which may be what is broken.
      this.files.get(model)?.file.giveUp();
      this.files.delete(model);
      this.suspend(error);
      throw new PredictionLogUnavailable();
    }
    this.metrics.count(model, records, bytes.length);
  }

  private fileFor(model: string, now: Date): RecordFile {
    const date = now.toISOString().slice(0, 10);
    const open = this.files.get(model);
    if (open !== undefined) {
      const isFull = open.file.bytes >= this.config.predictionLogFileBytes;
      if (open.date === date && !isFull && !open.file.isDeleted) return open.file;
      // Forgotten first: a descriptor whose close fails is gone too, and its number may soon be that of another file.
      this.files.delete(model);
      open.file.close();
    }
    const folder = join(this.config.predictionLogDir, `model=${model}`, `date=${date}`);
    const file = RecordFile.openNext(folder);
    this.files.set(model, { date, file });
    return file;
  }

  /** Refuses predictions from now on, until a probe of the folder succeeds. */
  suspend(error: unknown): void {
    if (!this.isWritable) return;
    this.metrics.fail();
    this.logger.failure('prediction log not writable: predictions are refused until it is', error);
    this.retry = setInterval(() => this.probe(), RETRY_MS);
  }

  /** Asks the disk itself: free space alone says nothing of quotas, read-only mounts and broken devices. */
  private probe(): void {
    try {
      makeFolder(this.config.predictionLogDir);
      probeFolder(this.config.predictionLogDir);
    } catch {
      return;
    }
    clearInterval(this.retry);
    this.retry = undefined;
    this.flush();
    if (this.isWritable) this.logger.info('prediction log writable again');
  }
}
