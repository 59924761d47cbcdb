/** A worker asks that the port be closed for all, as it is about to close it: answered when it is, or others serve on. */
export const CLOSE_PORT = 'close-port';
/** It asks when the connections that were accepted for it until now have been sent. */
export const ALL_SENT = 'all-sent';

/** For so long, a port stays open for those who have connected and were not accepted yet; twice as long while somebody is. */
const ACCEPT_MS = 1_000;
/** So much of a turn is counted: a process that stood still has not accepted who came meanwhile. */
const TURN_MS = 10;

/** A time in which whoever waits to be accepted comes. */
export interface Turn {
  /** Has `look` called at its end. */
  readonly after: (look: () => void) => void;
  /** One in which nothing is done takes no longer. What counts as one grows evenly, to eleven times as much at the end. */
  readonly shortMs: number;
}

/** Of a process that accepts by itself: Node takes one of those who wait in each turn of the event loop. */
export const OWN_TURN: Turn = { after: (look) => void setImmediate(look), shortMs: 0.02 };

/**
 * The kernel resets whoever waits for `accept` when the port closes. So `close` is called at the end of a turn in which
 * nobody came, and which was too short for somebody to have come since.
 * @param accepted how many have come until now
 */
export function closeQuietly(accepted: () => number, close: () => void, turn = OWN_TURN): Promise<void> {
  let before = accepted();
  let turned = performance.now();
  let age = 0;
  return new Promise((resolve) => {
    const look = (): void => {
      const passed = performance.now() - turned;
      age += Math.min(passed, TURN_MS);
      const isShort = passed < turn.shortMs * (1 + (10 * age) / ACCEPT_MS);
      const hasCome = accepted() > before;
      if (hasCome ? age < 2 * ACCEPT_MS : age < ACCEPT_MS && !isShort) {
        before = accepted();
        turned = performance.now();
        turn.after(look);
        return;
      }
      close();
      resolve();
    };
    turn.after(look);
  });
}
