import cluster from 'node:cluster';
import { Injectable } from '@nestjs/common';
import { Channel } from './channel.js';
import { workerNumber } from './worker-number.js';
import { portOf } from './worker-port.js';

/** What one worker asks the primary to pass on to the others. */
export interface PassedOn {
  readonly kind: string;
  readonly payload: unknown;
  /** Nobody waits longer for the others. */
  readonly milliseconds: number;
}

/** By which message a worker says that it is about to serve, so that others wait for it from then on. */
export const JOIN = 'join';

/** Others do what they are told within this time, or nobody waits for them. */
const HEARD_MS = 2_000;

/**
 * The other processes of this server: the primary, which has started this one, and the other workers, who hear by it. A
 * server of one process (`WORKERS=1`, tests, commands) is alone, and none of this is asked there.
 */
@Injectable()
export class Siblings {
  /** To the primary; undefined: this process is alone. */
  readonly primary: Channel | undefined;
  /** Which of the workers this is, from 0 on: its replacement has the same number. */
  readonly slot: number;

  constructor() {
    const { worker } = cluster;
    this.slot = workerNumber() ?? 0;
    if (worker === undefined) return;
    const primary = new Channel(portOf(worker));
    // Its primary asks so whether this process stands still.
    primary.on('ping', () => primary.tell('pong'));
    worker.once('disconnect', () => primary.close());
    this.primary = primary;
  }

  get isAlone(): boolean {
    return this.primary === undefined;
  }

  /** Whether this process does what is done once for the whole server. */
  get isFirst(): boolean {
    return this.slot === 0;
  }

  /** Says what is done when another worker passes this on. */
  on(kind: string, handler: (payload: never) => unknown): void {
    this.primary?.on(kind, handler);
  }

  /** Before this worker serves: resolves when it has done all that it was told, and is waited for by who passes on more. */
  async join(): Promise<void> {
    await this.primary?.ask(JOIN, undefined, HEARD_MS).catch(() => undefined);
    await this.primary?.done();
  }

  /** Has all other workers that serve do something; resolves when all have, could not, or took longer than they may. */
  async pass(kind: string, payload: unknown, milliseconds = HEARD_MS): Promise<void> {
    const passed: PassedOn = { kind, payload, milliseconds };
    await this.primary?.ask('pass', passed, milliseconds).catch(() => undefined);
  }
}
