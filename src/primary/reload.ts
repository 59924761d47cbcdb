import type { AppLogger } from '../observability/app-logger.js';
import { type Listening, type WorkerSlot, factsOf } from './worker-slot.js';

/** What a reload asks of the primary. */
export interface Crew {
  readonly workers: number;
  readonly isStopping: boolean;
  /** Starts a process that is to take this number over. */
  start(slot: number): WorkerSlot;
  /** Gives that number to the process, which serves by now. @returns the one that had it */
  handOver(fresh: WorkerSlot, where: Listening): WorkerSlot;
}

/** Replaces the workers while they serve, so that no call fails; once more for those who ask meanwhile. */
export class Reload {
  private isWanted = false;
  private running: Promise<void> | undefined;

  constructor(
    private readonly crew: Crew,
    private readonly logger: Pick<AppLogger, 'info' | 'warn' | 'error'>,
  ) {}

  /** Has all workers replaced by processes that start after this. */
  want(): void {
    this.isWanted = true;
    this.running ??= this.run().finally(() => (this.running = undefined));
  }

  private async run(): Promise<void> {
    while (this.isWanted && !this.crew.isStopping) {
      this.isWanted = false;
      await this.replaceAll();
    }
  }

  /** One after the other: the old one ends when the new one serves. If that does not come to serve, all stays as it was. */
  private async replaceAll(): Promise<void> {
    const { crew, logger } = this;
    const began = performance.now();
    logger.info('workers are replaced, one after the other');
    for (let slot = 0; slot < crew.workers; slot++) {
      const fresh = crew.start(slot);
      const where = await fresh.listening;
      if (crew.isStopping) return;
      if (where === undefined) {
        const facts = factsOf(fresh, await fresh.exited);
        logger.error('new worker cannot start; those of before serve on', facts);
        return;
      }
      const old = crew.handOver(fresh, where);
      old.end(true);
      const how = await old.exited;
      if (crew.isStopping) return;
      if (how !== 0) logger.warn('replaced worker has not ended as it should', factsOf(old, how));
    }
    const seconds = Math.round((performance.now() - began) / 100) / 10;
    logger.info('workers have been replaced', { workers: crew.workers, seconds });
  }
}
