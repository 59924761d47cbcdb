import { Channel, type Port } from '../../src/channel/channel.js';

/** What was sent in this turn, by all, in order. */
let sent: (() => void)[] = [];

/**
 * Two channels whose messages reach each other in the next turn, as they would from one process to another: those of one turn
 * are read at once, and all are heard before anything goes on that waits for one of them.
 */
export function channelPair(): readonly [Channel, Channel] {
  const listeners: ((message: unknown) => void)[] = [];
  const port = (other: 0 | 1): Port => ({
    send: (message) => {
      if (sent.length === 0) setImmediate(deliver);
      const copy: unknown = structuredClone(message);
      sent.push(() => listeners[other]?.(copy));
    },
    onMessage: (listener) => void (listeners[1 - other] = listener),
  });
  return [new Channel(port(1)), new Channel(port(0))];
}

function deliver(): void {
  for (const each of sent) process.nextTick(each);
  sent = [];
}
