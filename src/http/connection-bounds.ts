import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import type { AppLogger } from '../observability/app-logger.js';

/** A connection that takes nothing of what waits for it is ended after this time, and at most one look more. */
const STALLED_MS = 30_000;
const LOOK_MS = 10_000;
/** Refused connections are told in the log so often at most. */
const TOLD_MS = 60_000;

/**
 * Bounds how many connections there are, and how long one may leave a reply unread, however small it is: where nothing
 * more comes on that connection, nobody else would ever look at it.
 */
export function boundConnections(server: Server, limit: number, logger: AppLogger): void {
  server.maxConnections = limit;
  // Of several workers all are full at nearly the same time, and would hand the connection round for ever.
  Object.assign(server, { dropMaxConnection: true });
  tellOfRefused(server, limit, logger);
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  const look = setInterval(() => {
    for (const socket of sockets) {
      // Node ends a connection at its time-out, which starts anew whenever bytes leave, and is replaced after a reply.
      if (socket.writableLength > 0 && !socket.timeout) socket.setTimeout(STALLED_MS);
    }
  }, LOOK_MS);
  look.unref();
  server.once('close', () => clearInterval(look));
}

function tellOfRefused(server: Server, limit: number, logger: AppLogger): void {
  let refused = 0;
  let toldAt = -Infinity;
  server.on('drop', () => {
    refused++;
    if (performance.now() - toldAt < TOLD_MS) return;
    toldAt = performance.now();
    logger.warn('connections are refused: as many are open as descriptors and memory allow', {
      limit,
      refused,
    });
    refused = 0;
  });
}
