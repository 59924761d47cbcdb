import type { Office } from './office.js';
import type { WorkerSlot } from './worker-slot.js';

/** Tells a worker that asks how many of them serve, and how many should. */
export class CountOffice implements Office {
  constructor(private readonly configured: number) {}

  serve({ channel }: WorkerSlot, all: () => readonly WorkerSlot[]): void {
    channel.on('workers', () => {
      // While one is replaced there are two of its number.
      const serving = new Set(all().flatMap(({ hasServed, slot }) => (hasServed ? [slot] : [])));
      return { running: serving.size, configured: this.configured };
    });
  }
}
