import { statSync } from 'node:fs';
import { DAY_MS } from './record-name.js';

/**
 * Whether somebody may still write to a record file, asked before it is packed or removed. A server goes on to the next
 * file at midnight UTC, so one of a past day that has been still for a day is done with, even if it was never closed.
 */
export function mayBeOpen(path: string, now: Date): boolean {
  return now.getTime() - statSync(path).mtimeMs < DAY_MS;
}
