import type { WorkerSlot } from './worker-slot.js';

/** Something that the primary does for all workers, because only one may do it, or because it takes all of them. */
export interface Office {
  /**
   * A process has been started: says what it may ask (`worker.channel.on`). `all` gives those that run now, itself
   * included; while a worker is replaced there are two of the same `slot`.
   */
  serve(worker: WorkerSlot, all: () => readonly WorkerSlot[]): void;
  /** That process has ended, however it did, and all is read that it has said: nothing more comes from it. */
  exited?(worker: WorkerSlot): void;
  /** All workers have ended, and the primary is about to. */
  close?(): void | Promise<void>;
}
