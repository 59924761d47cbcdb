import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { AppConfig } from '../config/app-config.js';
import { StartupFault } from '../errors/startup-fault.js';
import { folderFault, isDiskFull, makeFolder, probeFolder } from '../files/writable-folder.js';
import { AppLogger } from '../observability/app-logger.js';
import { Leftovers } from './leftovers.js';
import { LogMetrics } from './log-metrics.js';
import { ModelLog } from './model-log.js';
import { OpenMarks } from './open-marks.js';
import { RecordDisk } from './record-disk.js';
import { FOLDER_MODE } from './record-name.js';

const FLUSH_MS = 100;
const FLUSH_BYTES = 262_144;

/**
 * The durable record of predictions: `<dir>/model=<name>/date=<yyyy-mm-dd>/<host>-<pid>-<random>-<n>.ndjson`.
 * At `written` lines are in the file when `ModelLog.append` returns, so that a reply sent afterwards survives the process.
 * When the disk refuses, predictions are refused too, until a probe succeeds again.
 */
@Injectable()
export class PredictionLog implements OnApplicationShutdown {
  private readonly models = new Map<string, ModelLog>();
  private readonly marks: OpenMarks;
  private readonly leftovers: Leftovers;
  private readonly disk: RecordDisk;
  private flushing: NodeJS.Timeout | undefined;

  constructor(
    private readonly config: AppConfig,
    logger: AppLogger,
    metrics: LogMetrics,
  ) {
    this.marks = new OpenMarks(config.predictionLogDir);
    this.leftovers = new Leftovers(config.predictionLogDir, this.marks, logger);
    this.disk = new RecordDisk(config, this.marks, logger, metrics, () => {
      this.flush();
      void this.leftovers.look();
      if (this.isWritable) logger.info('prediction log writable again');
    });
  }

  get durability(): AppConfig['predictionLogDurability'] {
    return this.config.predictionLogDurability;
  }

  get isWritable(): boolean {
    return this.disk.isWritable;
  }

  /** Models whose own folder cannot be written to, while others are recorded. */
  get refused(): string[] {
    return [...this.models.values()].filter(({ isOut }) => isOut).map(({ model }) => model);
  }

  /**
   * Makes the folder, mends what killed processes left behind, and tries the disk. A full one is a passing state: then
   * the server starts, says that it is not ready, and resumes by itself.
   * @throws StartupFault
   */
  async open(): Promise<void> {
    const { predictionLogDir: root } = this.config;
    this.marks.keepAlive();
    this.leftovers.keepLooking();
    try {
      makeFolder(root, FOLDER_MODE);
      await this.leftovers.begin();
      probeFolder(root);
    } catch (error) {
      if (error instanceof StartupFault) throw error;
      if (!isDiskFull(error)) throw folderFault('PREDICTION_LOG_DIR', root, error);
      this.disk.suspend(error);
    }
  }

  /** The records of a model, which it need not have any yet. */
  of(model: string): ModelLog {
    const known = this.models.get(model);
    if (known !== undefined) return known;
    const flushSoon = this.durability === 'buffered' ? this.flushSoon.bind(this) : undefined;
    const made = new ModelLog(model, this.disk, flushSoon);
    this.models.set(model, made);
    return made;
  }

  onApplicationShutdown(): void {
    clearTimeout(this.flushing);
    this.leftovers.close();
    for (const model of this.models.values()) model.end();
    this.models.clear();
    this.disk.end();
    this.marks.release();
  }

  private flushSoon(bytes: number): void {
    if (bytes >= FLUSH_BYTES) this.flush();
    else this.flushing ??= setTimeout(() => this.flush(), FLUSH_MS);
  }

  private flush(): void {
    clearTimeout(this.flushing);
    this.flushing = undefined;
    for (const model of this.models.values()) model.flush();
  }
}
