import { Agent } from 'node:http';
import { setTimeout as after } from 'node:timers/promises';
import { call } from './call.mjs';

/** Who has failed, or was told to, does not ask again at once. */
const REST_MS = 20;
/** A connection is found broken only when something is sent over it: a call that begins so soon after its end fails too. */
const NOTICED_MS = 100;

/** Callers of one route on kept-alive connections, who ask again as soon as they have their answer; every answer is kept. */
export class Load {
  calls = [];
  #isStopped = false;

  /** `pauseMs`: what each of them rests after an answer; `path` alone is asked by GET. */
  constructor(port, { path, body, callers = 1, pauseMs = 0, headers }) {
    const method = body === undefined ? 'GET' : 'POST';
    this.agent = new Agent({ keepAlive: true, maxSockets: callers });
    this.callers = Array.from({ length: callers }, async () => {
      while (!this.#isStopped) {
        const { text: _, ...found } = await call(port, method, path, { body, headers, agent: this.agent });
        this.calls.push({ path, ...found });
        await after(found.status === 200 ? pauseMs : REST_MS);
      }
    });
  }

  /** Waits for the answers that are under way. */
  async stop() {
    this.#isStopped = true;
    await Promise.all(this.callers);
    this.agent.destroy();
    return this;
  }

  get answered() {
    return this.calls.filter(({ status }) => status === 200);
  }

  get failed() {
    return this.calls.filter(({ status }) => status !== 200);
  }

  /** Failed calls that were under way at none of these moments, and those that were left without any word. */
  failedApartFrom(moments) {
    return this.failed.filter(
      ({ began, ended, code }) =>
        code === 'NO_ANSWER' || !moments.some((moment) => began <= moment + NOTICED_MS && ended >= moment),
    );
  }

  /** Resolves when a call that began after `moment` has been answered. @returns when, or undefined after `withinMs`. */
  async answeredAfter(moment, withinMs) {
    while (performance.now() < moment + withinMs) {
      const found = this.answered.find(({ began }) => began > moment);
      if (found !== undefined) return found.ended;
      await after(10);
    }
    return undefined;
  }
}

/**
 * Failed calls of those whom a fault should leave alone. On a machine with other work (`patience` above 1) a server may have
 * to refuse some as `overloaded`, which is no failure then.
 */
export const failedOf = (loads, patience) =>
  loads.flatMap((load) => load.failed).filter(({ code }) => patience === 1 || code !== 'overloaded');

/** What calls got, as words: `503 overloaded of /predict × 3, 0 ECONNRESET × 1`. */
export function words(calls) {
  const kinds = Map.groupBy(calls, ({ status, code = '', path }) =>
    `${status} ${code}${path === undefined ? '' : ` of ${path}`}`.trim(),
  );
  return [...kinds].map(([kind, some]) => `${kind} × ${some.length}`).join(', ') || 'none';
}
