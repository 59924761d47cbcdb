import { TURN, TURN_OVER, type Turn } from '../channel/turns.js';
import type { Office } from './office.js';
import type { WorkerSlot } from './worker-slot.js';

interface Place extends Turn {
  readonly worker: WorkerSlot;
  readonly begin: () => void;
}

/** Gives workers their turns, in the order in which they ask; a turn ends with its worker at the latest. */
export class TurnOffice implements Office {
  /** Of each kind of work whose turn it is, and behind it who waits. */
  private readonly queues = new Map<string, readonly Place[]>();

  serve(worker: WorkerSlot): void {
    worker.channel.on(
      TURN,
      ({ work, id }: Turn) => new Promise<void>((begin) => this.join({ work, id, worker, begin })),
    );
    worker.channel.on(TURN_OVER, ({ work, id }: Turn) =>
      this.leave(work, (place) => place.worker === worker && place.id === id),
    );
  }

  exited(worker: WorkerSlot): void {
    for (const work of this.queues.keys()) this.leave(work, (place) => place.worker === worker);
  }

  private join(place: Place): void {
    const queue = [...(this.queues.get(place.work) ?? []), place];
    this.queues.set(place.work, queue);
    if (queue[0] === place) place.begin();
  }

  private leave(work: string, leaves: (place: Place) => boolean): void {
    const queue = (this.queues.get(work) ?? []).filter((place) => !leaves(place));
    if (queue.length === 0) this.queues.delete(work);
    else this.queues.set(work, queue);
    // Once more for who has begun is nothing.
    queue[0]?.begin();
  }
}
