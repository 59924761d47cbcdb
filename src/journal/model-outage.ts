import { Outage } from './outage.js';
import { type RecordDisk, SMALL_BYTES } from './record-disk.js';
import { recordFolder } from './record-name.js';

/** A failure of single calls is told once in this time. */
const TOLD_MS = 60_000;

/** What is told and done where the disk refuses one model, or single calls of it, while others go on. */
export class ModelOutage {
  private readonly outage: Outage;
  private toldAt = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly model: string,
    private readonly disk: RecordDisk,
    /** Called when the folder of the model can be written to again. */
    resumed: () => void = () => undefined,
  ) {
    const today = (): string => recordFolder(disk.root, model, new Date().toISOString().slice(0, 10));
    this.outage = new Outage(today, SMALL_BYTES, () => {
      resumed();
      if (!this.isOn) disk.logger.info('prediction log of a model writable again', { model });
    });
  }

  get isOn(): boolean {
    return this.outage.isOn;
  }

  /** Refuses the model from now on, until a probe of its folder succeeds. */
  begin(error: unknown): void {
    if (this.isOn) return;
    const { metrics, logger } = this.disk;
    metrics.fail();
    logger.failure(
      'records of a model cannot be written: its predictions are refused until they can',
      error,
      { model: this.model },
    );
    this.outage.begin();
  }

  /** Says that a call was refused for its own need. */
  tellOfCall(error: unknown, bytes: number): void {
    const { metrics, logger } = this.disk;
    metrics.fail();
    if (performance.now() - this.toldAt < TOLD_MS) return;
    this.toldAt = performance.now();
    logger.failure('a call could not be recorded and was refused; others go on', error, {
      model: this.model,
      bytes,
    });
  }

  end(): void {
    this.outage.end();
  }
}
