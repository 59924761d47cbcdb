import { pruneTree } from '../journal/prune.js';
import { Failure } from './failure.js';
import type { Author } from './log-author.js';

/** Removes old days, and says which. @returns 0, or 1 if a day had to stay. @throws Failure unless told how old. */
export async function pruneLog(
  root: string,
  olderThan: string | undefined,
  isDryRun: boolean,
  author: Author,
): Promise<number> {
  const days = Number(/^([1-9]\d{0,4})d$/.exec(olderThan ?? '')?.[1]);
  if (Number.isNaN(days)) throw new Failure('log prune needs a number of days, such as --older-than 180d', 2);
  const removes = isDryRun ? 'would remove' : 'removed';
  let [removed, files, bytes, kept] = [0, 0, 0, 0];
  for await (const step of pruneTree(root, days, { isDryRun, ...author })) {
    const day = `model ${step.model}, ${step.date}`;
    if (step.open === undefined) {
      removed++;
      files += step.files;
      bytes += step.bytes;
      process.stdout.write(`${removes} ${day}: ${step.files} files, ${megabytes(step.bytes)}\n`);
    } else {
      kept++;
      process.stderr.write(`nestor: kept ${day}: ${step.open} was written to within a day\n`);
    }
  }
  process.stdout.write(`${removes} ${removed} days: ${files} files, ${megabytes(bytes)}\n`);
  return kept > 0 ? 1 : 0;
}

/** As people read it. */
export function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
