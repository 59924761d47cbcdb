import type { Worker } from 'node:cluster';
import type { Port } from './channel.js';

/** The way to a worker, as its primary has it; and the way to the primary, of a worker that gives itself. */
export const portOf = (worker: Worker): Port => ({
  send: (message) => {
    // Whoever has gone is heard of by the end of the connection.
    if (worker.isConnected()) worker.send(message, () => undefined);
  },
  onMessage: (listener) => void worker.on('message', listener),
});
