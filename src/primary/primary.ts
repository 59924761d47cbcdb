import { once } from 'node:events';
import type { PassedOn } from '../channel/siblings.js';
import type { AppLogger } from '../observability/app-logger.js';
import { WorkerSlot } from './worker-slot.js';

/** Others do what they are told within this time, or nobody waits for them. */
const HEARD_MS = 2_000;

/**
 * The process that starts the workers of `WORKERS` and does for all of them what only one may do. It serves nothing and
 * holds no model.
 */
export class Primary {
  private readonly slots = new Map<number, WorkerSlot>();
  private isStopping = false;

  constructor(
    private readonly workers: number,
    private readonly logger: Pick<AppLogger, 'info' | 'warn'>,
    /** What the primary does for a worker that it has started. */
    private readonly serve: (slot: WorkerSlot, all: () => readonly WorkerSlot[]) => void,
  ) {}

  /** Starts the workers, and resolves when all have ended after a signal. */
  async run(): Promise<void> {
    const ended = Promise.all(Array.from({ length: this.workers }, (_, slot) => this.keep(slot)));
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => this.stop(signal));
    await ended;
  }

  /** Keeps a process for this number until the end. */
  private async keep(slot: number): Promise<void> {
    while (!this.isStopping) {
      const started = WorkerSlot.start(slot);
      this.slots.set(slot, started);
      started.channel.on('pass', (passed: PassedOn) => this.pass(slot, passed));
      this.serve(started, () => [...this.slots.values()]);
      const [code, signal] = (await once(started.worker, 'exit')) as [number | null, string | null];
      this.slots.delete(slot);
      if (!this.isStopping)
        this.logger.warn('worker has ended and is started again', { worker: slot, how: signal ?? code });
    }
  }

  private async pass(from: number, { kind, payload }: PassedOn): Promise<void> {
    const others = [...this.slots.values()].filter(({ slot }) => slot !== from);
    await Promise.allSettled(others.map(({ channel }) => channel.ask(kind, payload, HEARD_MS)));
  }

  private stop(signal: NodeJS.Signals): void {
    this.isStopping = true;
    for (const { worker } of this.slots.values()) worker.process.kill(signal);
  }
}
