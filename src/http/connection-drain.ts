import type { FastifyInstance } from 'fastify';
import { once } from 'node:events';
import type { IncomingMessage, Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Channel } from '../channel/channel.js';
import type { Siblings } from '../channel/siblings.js';
import { replyOn } from './arriving.js';
import { listenerOf, listenersOf } from './listeners.js';
import { ALL_SENT, CLOSE_PORT, closeQuietly, type Turn } from './quiet-close.js';

const SWEEP_MS = 50;
/** More time between two sweeps is not counted: the process stood still, and what came meanwhile has not been read. */
const COUNTED_MS = 2 * SWEEP_MS;
/** A connection without a request is ended when it has been quiet for so long: one may be on its way. */
const IDLE_MS = 500;
/** A request that has begun to arrive may be quiet for so long, ... */
const STALLED_MS = 1_500;
/** ... and none may take longer, however it trickles. */
const ARRIVAL_MS = 10_000;

/** What a connection is seen to do. */
interface Seen {
  bytesRead: number;
  /** For how long it was not busy, and nothing came from it. */
  quiet: number;
}

/**
 * Closes the server so that no caller is cut off. Node's own way destroys connections whose reply has been handed over
 * but not yet sent, resets those on which a request is on its way, and waits for ever for one that never sent a byte (a
 * load balancer's probe, a browser's preconnect). Here a connection ends when its reply has left, or when it has been
 * quiet for a while; and gently, by the end of what we send.
 */
export class ConnectionDrain {
  /** Whether the server closes: connections that had an answer get no other. */
  isClosing = false;
  private readonly sockets = new Map<Socket, Seen>();
  private accepted = 0;

  constructor(
    private readonly server: Server,
    private readonly primary?: Channel,
  ) {
    server.on('connection', (socket) => {
      this.accepted++;
      this.sockets.set(socket, { bytesRead: 0, quiet: 0 });
      socket.once('close', () => this.sockets.delete(socket));
    });
  }

  /** Closes the server, and resolves when all connections have ended; Fastify finds it closed. */
  async begin(): Promise<void> {
    const { listening: isListening } = this.server;
    // The primary accepts for all workers, and stops when the last is about to end.
    if (isListening) await this.primary?.ask(CLOSE_PORT, this.port, Infinity).catch(() => undefined);
    this.isClosing = true;
    if (!isListening) return;
    // Called by Node when it closes the server.
    this.server.closeIdleConnections = () => undefined;
    const closed = once(this.server, 'close');
    await this.closePort();
    for (const seen of this.sockets.values()) seen.quiet = 0;
    let age = 0;
    let swept = performance.now();
    const sweep = setInterval(() => {
      const passed = Math.min(performance.now() - swept, COUNTED_MS);
      swept = performance.now();
      age += passed;
      // When what has come is read.
      setImmediate(() => {
        for (const [socket, seen] of this.sockets) this.look(socket, seen, passed, age > ARRIVAL_MS);
      });
    }, SWEEP_MS);
    await closed;
    clearInterval(sweep);
  }

  private get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  private closePort(): Promise<void> {
    const { _handle: port } = this.server as Server & { readonly _handle: { close(): void } };
    const close = (): void => {
      // At once: what else belongs to the end of a server takes so long that somebody might come meanwhile.
      port.close();
      this.server.close();
    };
    return closeQuietly(() => this.accepted, close, this.primary && turnOf(this.primary));
  }

  private look(socket: Socket, seen: Seen, passed: number, isLate: boolean): void {
    const response = replyOn(socket);
    const isBusy = response !== null && (response.req.complete || response.writableEnded);
    if (isBusy || (socket.bytesRead !== seen.bytesRead && !isLate)) {
      seen.quiet = 0;
      seen.bytesRead = socket.bytesRead;
      return;
    }
    seen.quiet += passed;
    const limit = response === null ? IDLE_MS : STALLED_MS;
    if (seen.quiet > 2 * limit) socket.destroy();
    else if ((seen.quiet < limit && !isLate) || socket.writableEnded) return;
    else if (response === null) socket.end();
    else this.giveUp(socket);
  }

  /** Answers a request that does not arrive as Node has any such request answered. */
  private giveUp(socket: Socket): void {
    const error = Object.assign(new Error('the request did not arrive before the end of the process'), {
      code: 'ERR_HTTP_REQUEST_TIMEOUT',
    });
    this.server.emit('clientError', error, socket);
  }
}

/** Of a worker: the primary accepts no more, or others take whom it accepts, and has sent all it had before it answers. */
const turnOf = (primary: Channel): Turn => ({
  after: (look) => void primary.ask(ALL_SENT, undefined, Infinity).then(look, look),
  shortMs: Infinity,
});

/** How far the end of a server has come. */
export interface Closing {
  readonly hasBegun: () => boolean;
  /** Whether the listener that a request came in at closes. */
  readonly isAt: (raw: IncomingMessage) => boolean;
}

/** Has the connections of `server` drained when it is closed, those for management at last: until then they tell how it goes. */
export function drainConnections(server: FastifyInstance, { primary }: Siblings): Closing {
  const [ofPublic, ofManagement] = listenersOf(server).map((each) => new ConnectionDrain(each, primary));
  server.addHook('preClose', async () => {
    await ofPublic!.begin();
    await ofManagement?.begin();
  });
  return {
    hasBegun: () => ofPublic!.isClosing,
    isAt: (raw) => (listenerOf(raw) === 'public' ? ofPublic! : ofManagement!).isClosing,
  };
}
