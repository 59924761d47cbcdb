import type { Socket } from 'node:net';

/** For so long a caller that is refused while it sends may go on before it reads the answer. */
const LINGER_MS = 2_000;

const answered = new WeakSet<Socket>();

/** Whether a connection had the answer which is its last; whatever still comes on it is none of ours. */
export function hadLastAnswer(socket: Socket): boolean {
  return answered.has(socket);
}

/** Makes the answer that is about to be sent the last one of its connection. */
export function endWithAnswer(socket: Socket): void {
  answered.add(socket);
  // Node asks for this when the answer has left.
  socket.destroySoon = () => hangUp(socket);
}

/** Closed at once under a caller that still sends, the connection would be reset, and the answer lost. */
export function hangUp(socket: Socket, answer = ''): void {
  answered.add(socket);
  if (socket.writableEnded) return;
  socket.end(answer);
  const linger = setTimeout(() => socket.destroy(), LINGER_MS).unref();
  socket.once('close', () => clearTimeout(linger));
}
