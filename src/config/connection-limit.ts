import { readFileSync } from 'node:fs';
import type { Limits } from './limits.js';

/** Descriptors that are left for record files, models and the log. */
const OTHER_DESCRIPTORS = 256;
/** Where the system does not tell: what is ordinary. */
const USUAL_DESCRIPTORS = 4_096;
/** Of the memory, for connections that do nothing: a socket with the buffers that it has had. */
const MEMORY_SHARE = 1 / 8;
const CONNECTION_BYTES = 16_384;
const FEWEST = 64;

/** How many files and connections this process may have open. */
export function descriptorLimit(file = '/proc/self/limits'): number {
  try {
    const soft = /^Max open files\s+(\d+|unlimited)/m.exec(readFileSync(file, 'utf8'))?.[1];
    return soft === 'unlimited' ? Infinity : Number(soft ?? USUAL_DESCRIPTORS);
  } catch {
    return USUAL_DESCRIPTORS;
  }
}

/**
 * How many connections this process may have open, so that neither descriptors nor memory come to an end by them: each process
 * has descriptors of its own, and the memory is shared out among the workers.
 */
export function connectionLimit(
  { memoryBytes, workers }: Pick<Limits, 'memoryBytes' | 'workers'>,
  descriptors = descriptorLimit(),
): number {
  const byMemory = Math.floor((memoryBytes * MEMORY_SHARE) / CONNECTION_BYTES / workers);
  return Math.max(FEWEST, Math.min(descriptors - OTHER_DESCRIPTORS, byMemory));
}

/** How many of these are kept for the port of management, so that callers cannot lock its operator out. */
export const connectionsOfManagement = (limit: number): number => Math.min(1_000, Math.floor(limit / 4));
