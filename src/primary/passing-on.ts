import type { PassedOn } from '../channel/siblings.js';
import type { Office } from './office.js';
import type { WorkerSlot } from './worker-slot.js';

/** Passes on what a worker has all others do. */
export class PassingOn implements Office {
  serve(worker: WorkerSlot, all: () => readonly WorkerSlot[]): void {
    worker.channel.on('pass', async ({ kind, payload, milliseconds }: PassedOn) => {
      const others = all().filter((other) => other !== worker);
      // Whoever only starts hears it when it can, and is not waited for.
      for (const { channel } of others.filter(({ hasServed }) => !hasServed)) channel.tell(kind, payload);
      const serving = others.filter(({ hasServed }) => hasServed);
      await Promise.allSettled(serving.map(({ channel }) => channel.ask(kind, payload, milliseconds)));
    });
  }
}
