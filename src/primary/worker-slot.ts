import cluster, { type Worker } from 'node:cluster';
import { Channel } from '../channel/channel.js';

/** One of the workers: the process that has its number now, and the channel to it. */
export class WorkerSlot {
  readonly channel: Channel;

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
    worker.once('exit', () => this.channel.close());
    // What cannot be sent to a process that has just ended.
    worker.on('error', () => undefined);
  }

  /** Starts a process for this number. */
  static start(slot: number): WorkerSlot {
    cluster.setupPrimary({ serialization: 'advanced', args: [`--worker=${slot}`] });
    return new WorkerSlot(slot, cluster.fork());
  }
}
