/** Of the four threads that Node has for all files, compression and look-ups of names. */
const MOST = 2;

let free = MOST;
const waiting: (() => void)[] = [];

/**
 * Does `work` on the disk of the records when fewer than two others do. A disk that stands still keeps the threads that
 * wait for it; the rest of them must go on serving everything else.
 */
export async function atRecordDisk<T>(work: () => Promise<T>): Promise<T> {
  if (free > 0) free--;
  else await new Promise<void>((resolve) => waiting.push(resolve));
  try {
    return await work();
  } finally {
    const next = waiting.shift();
    if (next === undefined) free++;
    else next();
  }
}
