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
import type { RecordLog } from './record-log.js';
import { FOLDER_MODE } from './record-name.js';
import { SealChain } from './seal-chain.js';
import { sealKey } from './seal-key.js';
import { proveSync } from './sync-proof.js';
import { SyncedDisk } from './synced-disk.js';
import { SyncedLog } from './synced-log.js';
import { SyncedMarks } from './synced-marks.js';
import { SyncedSeals } from './synced-seals.js';

const FLUSH_MS = 100;
const FLUSH_BYTES = 262_144;

/**
 * The durable record of predictions: `<dir>/model=<name>/date=<yyyy-mm-dd>/<host>-<pid>-<random>-<n>.ndjson`.
 * At `written` lines are in the file when `append` of a model's log returns, so that a reply sent afterwards survives the
 * process; at `synced` they are on the disk when its promise resolves. When the disk refuses, predictions are refused too,
 * until a probe succeeds again.
 */
@Injectable()
export class PredictionLog implements OnApplicationShutdown {
  private readonly models = new Map<string, RecordLog>();
  private readonly marks: OpenMarks;
  private readonly seals: SealChain;
  private readonly leftovers: Leftovers;
  private readonly disk: RecordDisk;
  /** At `synced` alone. */
  private readonly synced: SyncedDisk | undefined;
  private flushing: NodeJS.Timeout | undefined;

  constructor(
    private readonly config: AppConfig,
    logger: AppLogger,
    metrics: LogMetrics,
  ) {
    const { predictionLogDir: root } = config;
    const marks = this.durability === 'synced' ? new SyncedMarks(root) : new OpenMarks(root);
    this.marks = marks;
    const sign = sealKey(config.predictionLogSealKeyFile);
    this.seals = marks instanceof SyncedMarks ? new SyncedSeals(root, sign) : new SealChain(root, sign);
    this.leftovers = new Leftovers(root, marks, this.seals, logger);
    this.disk = new RecordDisk(config, marks, this.seals, logger, metrics, () => {
      this.flush();
      void this.leftovers.look();
      if (this.isWritable) logger.info('prediction log writable again');
    });
    if (marks instanceof SyncedMarks) this.synced = new SyncedDisk(this.disk, marks);
  }

  get durability(): AppConfig['predictionLogDurability'] {
    return this.config.predictionLogDurability;
  }

  get isWritable(): boolean {
    return this.reason === undefined && this.disk.isWritable;
  }

  /** Why nothing is recorded any more before a restart; undefined: it is. */
  get failure(): string | undefined {
    return this.disk.failure;
  }

  /** Why nothing is recorded, where there is more to say than that the disk refuses. */
  get reason(): string | undefined {
    if (this.failure !== undefined) return `${this.failure}; restart this server`;
    return this.synced?.waiting.isStill === true ? 'the disk stands still' : undefined;
  }

  /** Digest of the newest line in this process' chain of seals; undefined: it has sealed nothing yet. */
  get head(): string | undefined {
    return this.seals.head;
  }

  /** Models whose own folder cannot be written to, while others are recorded. */
  get refused(): string[] {
    return [...this.models.values()].filter(({ isOut }) => isOut).map(({ model }) => model);
  }

  /**
   * Makes the folder, mends what killed processes left behind, and tries the disk, at `synced` also whether it syncs. A
   * full one is a passing state: then the server starts, says that it is not ready, and resumes by itself.
   * @throws StartupFault
   */
  async open(): Promise<void> {
    const { predictionLogDir: root } = this.config;
    this.marks.keepAlive();
    this.leftovers.keepLooking();
    try {
      if (this.synced === undefined) makeFolder(root, FOLDER_MODE);
      else await proveSync(root);
      await this.seals.begin();
      await this.leftovers.begin();
      probeFolder(root);
    } catch (error) {
      if (error instanceof StartupFault) throw error;
      if (!isDiskFull(error)) throw folderFault('PREDICTION_LOG_DIR', root, error);
      this.disk.suspend(error);
    }
  }

  /** The records of a model, which it need not have any yet. */
  of(model: string): RecordLog {
    const known = this.models.get(model);
    if (known !== undefined) return known;
    const made = this.make(model);
    this.models.set(model, made);
    return made;
  }

  /** Waits, at `synced`, until what waits is on the disk. */
  onApplicationShutdown(): Promise<void> | void {
    clearTimeout(this.flushing);
    this.leftovers.close();
    const ending = [...this.models.values()].flatMap((model) => model.end() ?? []);
    this.models.clear();
    const end = (): Promise<void> | void => {
      this.disk.end();
      this.synced?.end();
      this.marks.release();
      return this.seals.close();
    };
    return ending.length === 0 ? end() : Promise.all(ending).then(end);
  }

  private make(model: string): RecordLog {
    if (this.synced !== undefined)
      return new SyncedLog(model, this.synced, this.config.predictionLogFileBytes);
    const flushSoon = this.durability === 'buffered' ? this.flushSoon.bind(this) : undefined;
    return new ModelLog(model, this.disk, flushSoon);
  }

  private flushSoon(bytes: number): void {
    if (bytes >= FLUSH_BYTES) this.flush();
    else this.flushing ??= setTimeout(() => this.flush(), FLUSH_MS);
  }

  /** Writes records that wait, as they do at `buffered` for a moment. */
  flush(): void {
    clearTimeout(this.flushing);
    this.flushing = undefined;
    for (const model of this.models.values()) {
      if (model instanceof ModelLog) model.flush();
    }
  }
}
