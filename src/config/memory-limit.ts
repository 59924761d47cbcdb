import { constrainedMemory } from 'node:process';
import { totalmem } from 'node:os';

/** What is left of a container's memory beside the runtime, the models and garbage. */
const SHARE = 1 / 4;

/** Bytes that this process may use: the limit of its container (the memory cgroup, either version) or all of the machine. */
export function memoryLimit(limit = constrainedMemory(), machine = totalmem()): number {
  return limit > 0 ? Math.min(limit, machine) : machine;
}

/** Bytes that may be held for requests: a share of what this process may use. */
export function admissionBytes(limit = constrainedMemory(), machine = totalmem()): number {
  return Math.floor(memoryLimit(limit, machine) * SHARE);
}
