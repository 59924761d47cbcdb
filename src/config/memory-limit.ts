import { totalmem } from 'node:os';
import { cgroupsOf, textOf } from './cgroups.js';

/** By version 2, where what comes near to `high` is slowed down until nothing goes on; and by version 1. */
const FILES = ['memory.max', 'memory.high', 'memory.limit_in_bytes'];

/**
 * Bytes that all processes of this server may use: the least limit of a control group, of either version, or all of the machine.
 * Node looks at the own group alone, and takes what version 1 reserves (`--memory-reservation`) for a limit.
 * @param root stands for `/`
 */
export function memoryLimit(root = '/', machine = totalmem()): number {
  const limits = cgroupsOf('memory', root).flatMap((folder) =>
    FILES.map((file) => Number(textOf(folder, file))).filter((limit) => limit > 0),
  );
  return Math.min(machine, ...limits);
}
