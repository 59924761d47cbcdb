import { constrainedMemory } from 'node:process';
import { totalmem } from 'node:os';

/** What is left of a container's memory beside the runtime, the models and garbage. */
const SHARE = 1 / 4;

/**
 * Bytes that may be held for requests: a share of what this process may use, which is the limit of its container (the
 * memory cgroup, either version) where that is lower than the machine's memory.
 */
export function admissionBytes(limit = constrainedMemory(), machine = totalmem()): number {
  const bytes = limit > 0 ? Math.min(limit, machine) : machine;
  return Math.floor(bytes * SHARE);
}
