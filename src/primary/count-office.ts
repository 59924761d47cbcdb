import type { Office } from './office.js';
import type { WorkerSlot } from './worker-slot.js';

/** Tells a worker that asks how many of them serve, and how many should. */
export class CountOffice implements Office {
  private readonly listening = new Set<WorkerSlot>();

  constructor(private readonly configured: number) {}

  serve(worker: WorkerSlot): void {
    worker.worker.once('listening', () => this.listening.add(worker));
    // While one is replaced there are two of its number.
    const running = (): number => new Set([...this.listening].map(({ slot }) => slot)).size;
    worker.channel.on('workers', () => ({ running: running(), configured: this.configured }));
  }

  exited(worker: WorkerSlot): void {
    this.listening.delete(worker);
  }
}
