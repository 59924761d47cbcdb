import { Channel, type Port } from '../../src/channel/channel.js';

/** Two channels whose messages reach each other in the next turn, as they would from one process to another. */
export function channelPair(): readonly [Channel, Channel] {
  const listeners: ((message: unknown) => void)[] = [];
  const port = (other: 0 | 1): Port => ({
    send: (message) => void setImmediate(() => listeners[other]?.(structuredClone(message))),
    onMessage: (listener) => void (listeners[1 - other] = listener),
  });
  return [new Channel(port(1)), new Channel(port(0))];
}
