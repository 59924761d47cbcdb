import { setImmediate as nextTurn } from 'node:timers/promises';

/** How often a row is run to measure it: the first runs pay for memory that later ones find ready. */
const MEASURED_RUNS = 3;
/** A run that takes so long tells enough by itself. */
const LONG_SECONDS = 1;

/** @returns the least processor time of some runs; of no more than it takes to know that one is within `enough` seconds */
export async function leastSeconds(run: () => unknown, enough: number): Promise<number> {
  let [least, spent] = [Infinity, 0];
  for (let runs = 0; runs < MEASURED_RUNS && least > enough && spent < LONG_SECONDS; runs++) {
    await nextTurn();
    const before = process.cpuUsage();
    run();
    const { user, system } = process.cpuUsage(before);
    const seconds = (user + system) / 1e6;
    least = Math.min(least, seconds);
    spent += seconds;
  }
  return least;
}
