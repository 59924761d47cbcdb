import { constrainedMemory } from 'node:process';
import { totalmem } from 'node:os';

/** Bytes that all processes of this server may use: the limit of their container (the memory cgroup, either version) or all of the machine. */
export function memoryLimit(limit = constrainedMemory(), machine = totalmem()): number {
  return limit > 0 ? Math.min(limit, machine) : machine;
}
