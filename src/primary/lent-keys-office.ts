import { LENT, type LentDigest } from '../access/lent-keys.js';
import type { Office } from './office.js';
import type { WorkerSlot } from './worker-slot.js';

/** The keys that workers have lent to programs: a worker that starts later asks for them, and they end with their worker. */
export class LentKeysOffice implements Office {
  private readonly lent = new Map<string, { readonly by: WorkerSlot; readonly digest: LentDigest }>();
  private all: () => readonly WorkerSlot[] = () => [];

  serve(worker: WorkerSlot, all: () => readonly WorkerSlot[]): void {
    this.all = all;
    const { channel } = worker;
    channel.on(LENT.keep, (digest: LentDigest) => void this.lent.set(digest.sha256, { by: worker, digest }));
    // One by one, as those are told that come later: in the order in which they begin and end.
    channel.on(LENT.list, () => {
      for (const { digest } of this.lent.values()) channel.tell(LENT.keep, digest);
    });
    channel.on(LENT.end, ({ sha256 }: Pick<LentDigest, 'sha256'>) => this.end(sha256));
  }

  exited(worker: WorkerSlot): void {
    for (const [sha256, { by }] of this.lent) if (by === worker) this.end(sha256);
  }

  private end(sha256: string): void {
    this.lent.delete(sha256);
    for (const { channel } of this.all()) channel.tell(LENT.end, { sha256 });
  }
}
