import { subscribe } from 'node:diagnostics_channel';
import type { AddressInfo, Server } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { ALL_SENT, CLOSE_PORT, closeQuietly } from '../http/quiet-close.js';
import type { Office } from './office.js';
import type { WorkerSlot } from './worker-slot.js';

/** A listening socket, as Node has it. */
interface Handle {
  onconnection: (error: number, accepted: Accepted) => void;
  close(): void;
}

/** A connection, likewise. */
interface Accepted {
  /** Below zero: closed. */
  readonly fd: number;
  getsockname(out: { port?: number }): void;
  close(): void;
}

/** What is open at a port, and who may do without. */
interface OpenPort {
  readonly handle: Handle;
  readonly asked: Set<WorkerSlot>;
  closing: Promise<void> | undefined;
  readonly closed: PromiseWithResolvers<void>;
}

/**
 * Closes the ports of all workers when all are about to end. Node's cluster would close them with the last worker that
 * closes its server, and reset whoever is not accepted then, or not handed to a worker. It tells nobody of the sockets that
 * it listens on in this process, but Node does, of any server that listens.
 */
export class OpenPorts implements Office {
  private readonly ports = new Map<number, OpenPort>();
  private all: () => readonly WorkerSlot[] = () => [];
  /** By worker what was sent to it last, by port: the next one is sent when it has taken that, and Node has closed it here. */
  private readonly sent = new WeakMap<WorkerSlot, Map<string, Accepted>>();
  /** To whom a connection was sent last: who closes its port sends back what comes. */
  private readonly receivers = new WeakMap<Accepted, WorkerSlot>();

  constructor() {
    subscribe('tracing:net.server.listen:asyncEnd', (message) => {
      const { server } = message as { readonly server: Server & { readonly _handle: Handle } };
      const { port } = server.address() as AddressInfo;
      const { _handle: handle } = server;
      this.ports.set(port, { handle, asked: new Set(), closing: undefined, closed: Promise.withResolvers() });
    });
  }

  serve(worker: WorkerSlot, all: () => readonly WorkerSlot[]): void {
    this.all = all;
    this.noteSent(worker);
    worker.channel.on(CLOSE_PORT, (port: number) => this.ask(worker, port));
    worker.channel.on(ALL_SENT, () => nextTurn());
  }

  exited(worker: WorkerSlot): void {
    for (const port of this.ports.values()) if (port.asked.size > 0) this.look(port);
    // Whatever it has taken is closed here.
    const isLeft = (each: Accepted): boolean => each.fd >= 0 && this.receivers.get(each) === worker;
    const sent = [...(this.sent.get(worker)?.values() ?? [])];
    for (const connection of sent.filter(isLeft)) this.giveAgain(connection);
  }

  /** Resolves when that port is closed; at once where others serve on. */
  private async ask(worker: WorkerSlot, number: number): Promise<void> {
    const port = this.ports.get(number);
    port?.asked.add(worker);
    if (port === undefined || !this.all().every(({ isEnding }) => isEnding)) return;
    this.look(port);
    await port.closed.promise;
  }

  /** Node's cluster sends connections by the method that sends all else. */
  private noteSent(worker: WorkerSlot): void {
    const last = new Map<string, Accepted>();
    this.sent.set(worker, last);
    const child = worker.worker.process as unknown as { send: (...parameters: unknown[]) => boolean };
    const send = child.send.bind(child);
    child.send = (message, connection, ...more) => {
      if (typeof connection === 'object' && connection !== null) {
        last.set((message as { readonly key: string }).key, connection as Accepted);
        this.receivers.set(connection as Accepted, worker);
      }
      return send(message, connection, ...more);
    };
  }

  /** To another worker: Node would keep it open for ever, and nobody would answer. */
  private giveAgain(connection: Accepted): void {
    const at: { port?: number } = {};
    connection.getsockname(at);
    this.ports.get(at.port!)?.handle.onconnection(0, connection);
  }

  private look(port: OpenPort): void {
    if (!this.all().every((worker) => port.asked.has(worker) || !worker.hasServed)) return;
    port.closing ??= close(port.handle).then(port.closed.resolve);
  }
}

function close(handle: Handle): Promise<void> {
  const { onconnection } = handle;
  let accepted = 0;
  handle.onconnection = (error, connection) => {
    accepted++;
    onconnection.call(handle, error, connection);
  };
  return closeQuietly(
    () => accepted,
    () => handle.close(),
  );
}
