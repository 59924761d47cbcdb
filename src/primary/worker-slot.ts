import cluster, { type Worker } from 'node:cluster';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Channel } from '../channel/channel.js';
import { portOf } from '../channel/worker-port.js';
import type { Fault } from '../errors/startup-fault.js';

/** So long after a process could not be begun another one may be: what the system lacked may be there again. */
const NOT_BEGUN_MS = 1_000;

/** What the log says of a server that listens. */
export type Listening = Readonly<Record<string, unknown>>;

/** One of the workers: a process that has this number, and the channel to it. */
export class WorkerSlot {
  readonly channel: Channel;
  /** What it says when it serves; undefined: it has ended before that. */
  readonly listening: Promise<Listening | undefined>;
  /** How the process has ended, by its exit code or a signal, when it has and all is read that it has said. */
  readonly exited: Promise<number | NodeJS.Signals>;
  /** It serves, or has done so. */
  hasServed = false;
  /** It has been told to end. */
  isEnding = false;
  /** Why it could not start, where it has said so. */
  faults: readonly Fault[] | undefined;

  private constructor(
    readonly slot: number,
    readonly worker: Worker,
  ) {
    this.channel = new Channel(portOf(worker));
    this.channel.on('fault', (faults: readonly Fault[]) => (this.faults = faults));
    const exit = Promise.withResolvers<number | NodeJS.Signals>();
    worker.once('exit', (code: number, signal: NodeJS.Signals | null) => exit.resolve(signal ?? code));
    worker.on('error', ({ message }) => {
      // Otherwise it is what cannot be sent to a process that has just ended.
      if (worker.process.pid !== undefined) return;
      const mend = 'let the server have more processes, memory or open files';
      this.faults = [{ what: `a worker cannot be started: ${message}`, mend }];
      setTimeout(() => exit.resolve(1), NOT_BEGUN_MS);
    });
    this.exited = exit.promise.then(async (how) => {
      // Its last words may come after its exit, at the latest in the next turn. Node does not tell that its channel has closed
      // where a connection was on its way to it.
      await nextTurn();
      await nextTurn();
      this.channel.close();
      return how;
    });
    this.listening = new Promise((resolve) => {
      this.channel.on('listening', (where: Listening) => {
        this.hasServed = true;
        resolve(where);
      });
      void this.exited.then(() => resolve(undefined));
    });
  }

  /** Starts a process for this number, with these variables over those of this process. */
  static start(slot: number, environment: Readonly<Record<string, string>>): WorkerSlot {
    cluster.setupPrimary({ serialization: 'advanced', args: [`--worker=${slot}`] });
    return new WorkerSlot(slot, cluster.fork(environment));
  }

  get pid(): number | undefined {
    return this.worker.process.pid;
  }

  /** Has it end, as a server ends at SIGTERM; `isReplaced`: others serve on in its place. */
  end(isReplaced = false): void {
    if (this.isEnding) return;
    this.isEnding = true;
    if (this.hasServed) this.channel.tell('end', isReplaced);
    else this.worker.process.kill('SIGTERM');
  }

  /** Has it wait no longer for balancers to turn away. */
  hurry(): void {
    this.channel.tell('hurry');
  }

  /** Ends it as it is. */
  kill(): void {
    this.worker.process.kill('SIGKILL');
  }
}

/** What the log says of a process that has ended. */
export const factsOf = ({ slot, pid, faults }: WorkerSlot, how: number | NodeJS.Signals): Listening => ({
  worker: slot,
  pid,
  how,
  ...(faults && { faults }),
});
