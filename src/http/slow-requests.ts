import type { Socket } from 'node:net';

/** Connections whose present request sets bounds of its own to how long it may take to arrive. */
const slow = new WeakSet<Socket>();

/** Lets the request on `socket` take longer than the server's limit. @returns what makes the limit hold again. */
export function letTakeTime(socket: Socket): () => void {
  slow.add(socket);
  return () => slow.delete(socket);
}

export const mayTakeTime = (socket: Socket): boolean => slow.has(socket);
