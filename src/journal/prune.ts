import { rmSync, statSync } from 'node:fs';
import type { Sign } from './chained-line.js';
import { alone } from './ledger.js';
import { mayBeOpen } from './open-files.js';
import { notePrunedDay } from './pruned-days.js';
import { daysBefore, filesBelow } from './record-tree.js';
import { sealedName } from './seal-entries.js';

/** What became of a day that is old enough. */
export interface PruneStep {
  readonly model: string;
  readonly date: string;
  /** How many there were. */
  readonly files: number;
  readonly bytes: number;
  /** The file for which the day was left alone. */
  readonly open: string | undefined;
}

/** Who prunes, and how. */
export interface Pruning {
  readonly isDryRun?: boolean;
  /** As the ledger has it. */
  readonly by?: string;
  readonly sign?: Sign | undefined;
  readonly now?: Date;
}

/**
 * Removes the records of whole days, those before the day `days` ago; a day with a file that may be open stays. A day is
 * written down before its files go; what a kill leaves of it goes at the next time. @throws LogBusy
 */
export async function* pruneTree(
  root: string,
  days: number,
  { isDryRun = false, by, sign, now = new Date() }: Pruning = {},
): AsyncGenerator<PruneStep, void> {
  const first = new Date(now);
  first.setUTCDate(first.getUTCDate() - days);
  for (const { model, date, path } of daysBefore(root, first.toISOString().slice(0, 10))) {
    const remove = (): PruneStep => {
      const files = [...filesBelow(path)];
      const open = files.find((file) => mayBeOpen(file, now));
      const bytes = files.reduce((sum, file) => sum + statSync(file).size, 0);
      if (open === undefined && !isDryRun) {
        const names = [...new Set(files.map((file) => sealedName(root, file)))];
        if (files.length > 0) notePrunedDay(root, { model, date, files: names, bytes }, by, sign);
        for (const file of files) rmSync(file, { force: true });
        rmSync(path, { recursive: true, force: true });
      }
      return { model, date, files: files.length, bytes, open };
    };
    yield isDryRun ? remove() : await alone(root, remove);
  }
}
