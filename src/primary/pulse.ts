import type { AppLogger } from '../observability/app-logger.js';
import type { Office } from './office.js';
import type { WorkerSlot } from './worker-slot.js';

const BEAT_MS = 1_000;
/** Beats without an answer. They are counted, not timed: while the machine slept or the container was paused there were none. */
const MOST_UNANSWERED = 30;

/** What is asked of a worker here. */
type Beating = Pick<WorkerSlot, 'slot' | 'pid' | 'channel' | 'listening' | 'exited' | 'kill'>;

/**
 * Asks each worker that serves every second whether its event loop turns, and kills it when it has not for half a minute.
 * Nobody is asked while he starts: that may take long, and nothing is served yet.
 */
export class Pulse implements Office {
  constructor(private readonly logger: Pick<AppLogger, 'warn'>) {}

  serve(worker: Beating): void {
    void worker.listening.then((where) => {
      if (where !== undefined) this.watch(worker);
    });
  }

  private watch(worker: Beating): void {
    let unanswered = 0;
    worker.channel.on('pong', () => (unanswered = 0));
    const timer = setInterval(() => {
      if (unanswered++ < MOST_UNANSWERED) {
        worker.channel.tell('ping');
        return;
      }
      clearInterval(timer);
      this.logger.warn('worker stands still and is killed', { worker: worker.slot, pid: worker.pid });
      worker.kill();
    }, BEAT_MS);
    void worker.exited.then(() => clearInterval(timer));
  }
}
