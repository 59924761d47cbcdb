import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { setPriority } from 'node:os';
import { Worker } from 'node:worker_threads';

/** When this process is ended at once, whatever it is doing. */
export interface Watch {
  /** Most memory that may be its own. */
  readonly memoryBytes: number;
  /** Id of the process that began it, and after which it ends. */
  readonly parent: number;
  /** The line that it writes to its standard output when it takes more memory. */
  readonly lastWords: string;
}

/** "it took more than 512 MB", of who did so. */
export const tookTooMuch = (who: string, memoryBytes: number): string =>
  `${who} took more than ${Math.round(memoryBytes / 2 ** 20)} MB`;

/**
 * Puts this process behind all others for processor and memory, and lets a thread look after it that ends it when it takes
 * more memory than it may, or when its parent is gone. It has looked once when this resolves.
 */
export async function watchThisProcess(watch: Watch): Promise<void> {
  setPriority(5);
  try {
    // Where the kernel has to end a process of this container for want of memory, let it be this one.
    writeFileSync('/proc/self/oom_score_adj', '1000');
  } catch {
    // Not Linux, or not allowed.
  }
  const watchdog = new Worker(new URL('./memory-watchdog.js', import.meta.url), { workerData: watch });
  watchdog.unref();
  await once(watchdog, 'message');
}
