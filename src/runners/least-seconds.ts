import { setImmediate as nextTurn } from 'node:timers/promises';
import type { LocalGraph, TensorData } from './graph.js';

/** How often a row is run to measure it: the first runs pay for memory that later ones find ready. */
const MEASURED_RUNS = 3;

/** @returns the least processor time of some runs; of no more than it takes to know that one is within `budget` */
export async function leastSeconds(
  session: LocalGraph,
  tensors: readonly TensorData[],
  budget: number,
): Promise<number> {
  let least = Infinity;
  for (let run = 0; run < MEASURED_RUNS && least > budget; run++) {
    await nextTurn();
    const before = process.cpuUsage();
    session.run(tensors);
    const { user, system } = process.cpuUsage(before);
    least = Math.min(least, (user + system) / 1e6);
  }
  return least;
}
