import { setTimeout as after } from 'node:timers/promises';
import { words } from '../load.mjs';
import { faultsOfRecords } from './records.mjs';
import { broken, ms, recordsOf, served } from './served.mjs';
import { loadsOf } from './worker.mjs';

const ENDED_MS = 5_000;

/** A server of several workers is told to end. */
export const stop = {
  what: 'SIGTERM to a server of 2 workers under load, with a delay of 0.5 s',
  bound:
    'no call is cut (after the delay 503 shutting_down, or the connection is refused); exit 0 within 5 s; 0 lost or doubled records',
  async run({ folder, rounds, patience }) {
    const wrong = [];
    const took = [];
    let answered = 0;
    for (let round = 0; round < rounds; round++) {
      const server = await served(folder, { env: { WORKERS: '2', SHUTDOWN_DELAY_MS: '500' } });
      const loads = loadsOf(server);
      await after(1_000);
      const began = performance.now();
      await server.stop();
      took.push(performance.now() - began);
      await Promise.all(loads.map((load) => load.stop()));
      // Who comes after the delay is told so, and who comes when it has ended finds nobody there.
      const cut = loads
        .flatMap((load) => load.failed)
        .filter(({ code }) => code !== 'ECONNREFUSED' && code !== 'shutting_down');
      answered += loads.flatMap((load) => load.answered).length;
      wrong.push(
        ...broken(
          cut.length > 0 && `cut: ${words(cut)}, ${spanOf(cut, began)} after the signal`,
          server.child.exitCode !== 0 && `it ended with ${server.child.exitCode ?? server.child.signalCode}`,
          await faultsOfRecords(recordsOf(folder), loads, Infinity),
        ),
      );
    }
    return {
      seen: `${rounds} stops, ${answered} answered, ended after ${ms(Math.max(...took))} at most`,
      broken: broken(wrong, Math.max(...took) > patience * ENDED_MS && 'it takes too long to end'),
    };
  },
};

/** From when to when these calls ended. */
function spanOf(calls, began) {
  const ends = calls.map(({ ended }) => ended - began);
  return `${ms(Math.min(...ends))} to ${ms(Math.max(...ends))}`;
}
