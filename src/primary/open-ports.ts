import { subscribe } from 'node:diagnostics_channel';
import type { AddressInfo, Server } from 'node:net';
import { closeQuietly } from '../http/quiet-close.js';
import type { Office } from './office.js';
import type { WorkerSlot } from './worker-slot.js';

/** A listening socket, as Node has it. */
interface Handle {
  onconnection: (...accepted: unknown[]) => void;
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
    worker.channel.on('close-port', (port: number) => this.ask(worker, port));
  }

  exited(): void {
    for (const port of this.ports.values()) if (port.asked.size > 0) this.look(port);
  }

  /** Resolves when that port is closed; at once where others serve on. */
  private async ask(worker: WorkerSlot, number: number): Promise<void> {
    const port = this.ports.get(number);
    if (port === undefined || !this.all().every(({ isEnding }) => isEnding)) return;
    port.asked.add(worker);
    this.look(port);
    await port.closed.promise;
  }

  private look(port: OpenPort): void {
    if (!this.all().every((worker) => port.asked.has(worker) || !worker.hasServed)) return;
    port.closing ??= close(port.handle).then(port.closed.resolve);
  }
}

function close(handle: Handle): Promise<void> {
  const { onconnection } = handle;
  let accepted = 0;
  handle.onconnection = (...connection) => {
    accepted++;
    onconnection.apply(handle, connection);
  };
  return closeQuietly(
    () => accepted,
    () => handle.close(),
  );
}
