import { JOIN, type PassedOn } from '../channel/siblings.js';
import type { Office } from './office.js';
import type { WorkerSlot } from './worker-slot.js';

/** Passes on what a worker has all others do. */
export class PassingOn implements Office {
  /** Those that serve, or are about to. */
  private readonly joined = new WeakSet<WorkerSlot>();

  serve(worker: WorkerSlot, all: () => readonly WorkerSlot[]): void {
    worker.channel.on(JOIN, () => void this.joined.add(worker));
    worker.channel.on('pass', async ({ kind, payload, milliseconds }: PassedOn) => {
      const others = all().filter((other) => other !== worker);
      // Whoever only starts does it before it joins, and is not waited for.
      for (const other of others.filter((each) => !this.joined.has(each))) other.channel.tell(kind, payload);
      const waited = others.filter((each) => this.joined.has(each));
      await Promise.allSettled(waited.map(({ channel }) => channel.ask(kind, payload, milliseconds)));
    });
  }
}
