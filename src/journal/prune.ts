import { rmSync, statSync } from 'node:fs';
import { mayBeOpen } from './open-files.js';
import { notePrunedDay, type PrunedDay } from './pruned-days.js';
import { daysBefore, filesBelow } from './record-tree.js';

/** What became of a day that is old enough. */
export interface PruneStep extends PrunedDay {
  /** The file for which the day was left alone. */
  readonly open: string | undefined;
}

/**
 * Removes the records of whole days, those before the day `days` ago; a day with a file that may be open stays. A day is
 * written down before its files go; what a kill leaves of it goes at the next time.
 */
export function* pruneTree(
  root: string,
  days: number,
  isDryRun: boolean,
  now = new Date(),
): Generator<PruneStep, void> {
  const first = new Date(now);
  first.setUTCDate(first.getUTCDate() - days);
  for (const { model, date, path } of daysBefore(root, first.toISOString().slice(0, 10))) {
    const files = [...filesBelow(path)];
    const open = files.find((file) => mayBeOpen(file, now));
    const bytes = files.reduce((sum, file) => sum + statSync(file).size, 0);
    const day = { model, date, files: files.length, bytes };
    if (open === undefined && !isDryRun) {
      if (files.length > 0) notePrunedDay(root, day);
      for (const file of files) rmSync(file, { force: true });
      rmSync(path, { recursive: true, force: true });
    }
    yield { ...day, open };
  }
}
