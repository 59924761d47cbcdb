import type { Asked } from '../channel/signals.js';
import { RecentDeaths } from '../errors/recent-deaths.js';
import { StartupFault } from '../errors/startup-fault.js';
import type { AppLogger } from '../observability/app-logger.js';
import type { Office } from './office.js';
import { type Crew, Reload } from './reload.js';
import { factsOf, type Listening, type WorkerSlot } from './worker-slot.js';

/** More workers that end by themselves within a minute end the server. */
const MOST_DEATHS = 5;

/** What a primary is made of. */
export interface PrimaryOptions {
  /** How many processes serve. */
  readonly workers: number;
  /** Starts the process of such a number. */
  readonly start: (slot: number) => WorkerSlot;
  readonly offices: readonly Office[];
  readonly logger: Pick<AppLogger, 'info' | 'warn' | 'error'>;
  /** What the log says beside where the workers listen. */
  readonly told: Listening;
}

/**
 * The process that starts the workers of `WORKERS` and does for all of them what only one may do. It serves nothing and
 * holds no model. Who dies is replaced at once, unless that happens too often.
 */
export class Primary implements Crew {
  readonly workers: number;
  isStopping = false;
  private readonly running = new Set<WorkerSlot>();
  /** Who has each number; a process that is to take it over is in `running` alone until it serves. */
  private readonly holders: WorkerSlot[] = [];
  private readonly deaths = new RecentDeaths();
  private readonly reload: Reload;
  private readonly ended = Promise.withResolvers<void>();
  private hasStarted = false;
  private startupFault: StartupFault | undefined;
  private exitCode = 0;

  constructor(private readonly options: PrimaryOptions) {
    this.workers = options.workers;
    this.reload = new Reload(this, options.logger);
  }

  /**
   * Starts the workers, and resolves with an exit code when all have ended.
   * @throws StartupFault of the first that could not start
   */
  async run(): Promise<number> {
    for (let slot = 0; slot < this.workers; slot++) this.fill(slot);
    await this.ended.promise;
    for (const office of this.options.offices) await office.close?.();
    if (this.startupFault !== undefined) throw this.startupFault;
    return this.exitCode;
  }

  /** Does what a signal of this process asks for. */
  hear(asked: Asked): void {
    if (asked === 'reload') this.reload.want();
    else if (this.isStopping) for (const worker of this.running) worker.hurry();
    else this.stop();
  }

  start(slot: number): WorkerSlot {
    const worker = this.options.start(slot);
    this.running.add(worker);
    for (const office of this.options.offices) office.serve(worker, () => [...this.running]);
    void worker.exited.then((how) => this.hasExited(worker, how));
    return worker;
  }

  handOver(fresh: WorkerSlot, where: Listening): WorkerSlot {
    const old = this.holders[fresh.slot]!;
    this.holders[fresh.slot] = fresh;
    this.tellOnce(where);
    return old;
  }

  private stop(): void {
    this.isStopping = true;
    for (const worker of this.running) worker.end();
  }

  /** Gives this number to a new process at once: nobody has it. */
  private fill(slot: number): void {
    const worker = this.start(slot);
    this.holders[slot] = worker;
    void worker.listening.then((where) => {
      if (where !== undefined) this.tellOnce(where);
    });
  }

  /** Says where the server listens when all workers do. */
  private tellOnce(where: Listening): void {
    if (this.hasStarted || !this.holders.every(({ hasServed }) => hasServed)) return;
    this.hasStarted = true;
    this.options.logger.info('listening', { ...where, ...this.options.told });
  }

  private hasExited(worker: WorkerSlot, how: number | NodeJS.Signals): void {
    this.running.delete(worker);
    for (const office of this.options.offices) office.exited?.(worker);
    // Whoever has served ends by itself when it is told to.
    if (this.isStopping && worker.hasServed && how !== 0) this.exitCode = 1;
    const isDeath = !this.isStopping && !worker.isEnding && this.holders[worker.slot] === worker;
    if (isDeath) this.replaceDead(worker, how);
    if (this.isStopping && this.running.size === 0) this.ended.resolve();
  }

  private replaceDead(worker: WorkerSlot, how: number | NodeJS.Signals): void {
    const { logger } = this.options;
    const facts = factsOf(worker, how);
    if (worker.faults !== undefined && !this.hasStarted) {
      this.startupFault = new StartupFault(worker.faults);
      this.stop();
    } else if (this.deaths.add() > MOST_DEATHS) {
      logger.error('workers end too often, so the server ends: more than five within a minute', facts);
      this.exitCode = 1;
      this.stop();
    } else {
      logger.warn('worker has ended and is started again', facts);
      this.fill(worker.slot);
    }
  }
}
