import cluster, { type Worker } from 'node:cluster';
import { Channel } from '../channel/channel.js';

/** One of the workers: a process that has this number, and the channel to it. */
export class WorkerSlot {
  readonly channel: Channel;
  /** How the process has ended, by its exit code or a signal, when it has. */
  readonly exited: Promise<number | NodeJS.Signals>;

  private constructor(
    readonly slot: number,
    readonly worker: Worker,
  ) {
    this.channel = new Channel({
      send: (message) => {
        if (worker.isConnected()) worker.send(message, () => undefined);
      },
      onMessage: (listener) => void worker.on('message', listener),
    });
    this.exited = new Promise((resolve) => {
      worker.once('exit', (code: number, signal: NodeJS.Signals | null) => {
        this.channel.close();
        resolve(signal ?? code);
      });
    });
    // What cannot be sent to a process that has just ended.
    worker.on('error', () => undefined);
  }

  /** Starts a process for this number. */
  static start(slot: number): WorkerSlot {
    cluster.setupPrimary({ serialization: 'advanced', args: [`--worker=${slot}`] });
    return new WorkerSlot(slot, cluster.fork());
  }
}
