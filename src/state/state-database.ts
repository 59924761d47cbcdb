import { setImmediate as nextTurn, setTimeout as after } from 'node:timers/promises';
import type { OnApplicationShutdown } from '@nestjs/common';
import type { AppLogger } from '../observability/app-logger.js';
import type { Arguments, OperationName, Result } from './operations.js';
import type { StateEngine } from './state-engine.js';
import { StateFault } from './state-faults.js';
import { StateUnavailable } from './state-unavailable.js';

/** Callers hear within a second whether it worked. */
const ANSWER_MS = 900;
const RETRY_MS = 500;
const LATE = Symbol('late');

/**
 * The state database, whatever it is kept in. It never stops a start, and nothing waits for it longer than a second: while
 * it is away, operations are refused, and it is opened again and again.
 */
export class StateDatabase implements OnApplicationShutdown {
  private isUp_ = false;
  /** How often it has been opened. */
  private openings = 0;
  private readonly closing = new AbortController();
  /** Ends when it is up; undefined: it is. */
  private opening: Promise<void> | undefined;
  /** Why it is away; undefined: it is up, or not there yet. */
  private away: string | undefined;
  private hasTold = false;

  constructor(
    private readonly engine: StateEngine,
    private readonly logger: Pick<AppLogger, 'info' | 'error'>,
  ) {}

  get isUp(): boolean {
    return this.isUp_;
  }

  /** Opens it, for as long as that takes. */
  open(): void {
    this.opening ??= this.reach().finally(() => (this.opening = undefined));
  }

  /**
   * Does an operation whole or not at all. After StateUnavailable it may have been done or not.
   * @throws StateUnavailable within a second, StateConflict
   */
  async run<N extends OperationName>(name: N, parameters: Arguments<N>): Promise<Result<N>> {
    const timer = new AbortController();
    // Where this process has stood still meanwhile, an answer that came is read in the turn after the timer's.
    const late = after(ANSWER_MS, LATE, { signal: timer.signal, ref: false }).then(() => nextTurn(LATE));
    late.catch(() => {});
    let openings: number | undefined;
    try {
      // At the start it is not away, only not there yet.
      if (!this.isUp_ && this.away === undefined) await Promise.race([this.opening, late]);
      if (!this.isUp_) throw new StateUnavailable();
      openings = this.openings;
      const answered = this.engine.run(name, parameters, Date.now() + ANSWER_MS);
      answered.catch(() => {});
      const answer = await Promise.race([answered, late]);
      if (answer === LATE) throw new StateFault(`it has not answered for ${ANSWER_MS} ms`);
      return answer;
    } catch (error) {
      if (!(error instanceof StateFault)) throw error;
      // What was asked before it was opened anew says nothing of how it is now.
      if (this.isUp_ && openings === this.openings) this.lose(error);
      throw new StateUnavailable();
    } finally {
      timer.abort();
    }
  }

  async onApplicationShutdown(): Promise<void> {
    this.closing.abort();
    this.isUp_ = false;
    await this.engine.close();
  }

  private lose(fault: StateFault): void {
    if (this.closing.signal.aborted) return;
    this.isUp_ = false;
    this.tell(fault);
    this.open();
  }

  private async reach(): Promise<void> {
    const { signal } = this.closing;
    while (!signal.aborted) {
      try {
        await this.engine.open();
        if (signal.aborted) return;
        this.isUp_ = true;
        this.openings++;
        if (this.hasTold) this.logger.info('state database is there again', this.facts);
        this.away = undefined;
        this.hasTold = false;
        return;
      } catch (error) {
        this.tell(error as Error);
      }
      await after(RETRY_MS, undefined, { signal, ref: false }).catch(() => {});
    }
  }

  /** The same reason once, however often it is met. */
  private tell(fault: Error): void {
    const { message: reason } = fault;
    if (this.away === reason || this.closing.signal.aborted) return;
    this.away = reason;
    if (fault instanceof StateFault && fault.isTold) return;
    this.hasTold = true;
    this.logger.error('state database is away: jobs and feedback are refused, predictions are not', {
      ...this.facts,
      reason,
    });
  }

  private get facts(): { database: string } {
    return { database: this.engine.name };
  }
}
