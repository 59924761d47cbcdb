import { COUNTED, type Counted, SPENT } from '../access/counted.js';
import { Rates } from '../access/rates.js';
import type { Office } from './office.js';
import type { WorkerSlot } from './worker-slot.js';

/**
 * Passes on what each worker has counted of its callers, and keeps what callers with a rate have been given: a worker that is
 * started anew hears of it, and refills nothing.
 */
export class CallerCounts implements Office {
  private readonly rates = new Rates();

  /** Hears this worker. */
  serve(worker: WorkerSlot, all: () => readonly WorkerSlot[]): void {
    const { channel } = worker;
    channel.on(COUNTED, (counted: Counted) => {
      this.rates.hear(counted.given);
      for (const other of all()) if (other !== worker) other.channel.tell(COUNTED, counted);
    });
    channel.on(SPENT, () => channel.tell(SPENT, this.rates.spent()));
  }
}
