import type { PassedOn } from '../channel/siblings.js';
import type { AppLogger } from '../observability/app-logger.js';
import type { Office } from './office.js';
import { WorkerSlot } from './worker-slot.js';

/** Others do what they are told within this time, or nobody waits for them. */
const HEARD_MS = 2_000;

/**
 * The process that starts the workers of `WORKERS` and does for all of them what only one may do. It serves nothing and
 * holds no model.
 */
export class Primary {
  private readonly running = new Set<WorkerSlot>();
  private isStopping = false;

  constructor(
    private readonly workers: number,
    private readonly logger: Pick<AppLogger, 'info' | 'warn'>,
    private readonly offices: readonly Office[],
  ) {}

  /** Starts the workers, and resolves when all have ended after a signal. */
  async run(): Promise<void> {
    const ended = Promise.all(Array.from({ length: this.workers }, (_, slot) => this.keep(slot)));
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => this.stop(signal));
    await ended;
    for (const office of this.offices) await office.close?.();
  }

  /** Keeps a process for this number until the end. */
  private async keep(slot: number): Promise<void> {
    while (!this.isStopping) {
      const worker = WorkerSlot.start(slot);
      this.running.add(worker);
      worker.channel.on('pass', (passed: PassedOn) => this.pass(worker, passed));
      for (const office of this.offices) office.serve(worker, () => [...this.running]);
      const how = await worker.exited;
      this.running.delete(worker);
      for (const office of this.offices) office.exited?.(worker);
      if (!this.isStopping) this.logger.warn('worker has ended and is started again', { worker: slot, how });
    }
  }

  private async pass(from: WorkerSlot, { kind, payload }: PassedOn): Promise<void> {
    const others = [...this.running].filter((worker) => worker !== from);
    await Promise.allSettled(others.map(({ channel }) => channel.ask(kind, payload, HEARD_MS)));
  }

  private stop(signal: NodeJS.Signals): void {
    this.isStopping = true;
    for (const { worker } of this.running) worker.process.kill(signal);
  }
}
