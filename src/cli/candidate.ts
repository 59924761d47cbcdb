import 'reflect-metadata';
import { writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { setPriority } from 'node:os';
import { Worker } from 'node:worker_threads';

// The child process of `checkCandidate`: `node candidate.js <folder> <memory in bytes> <process id of the parent>`.
// It is `nestor check <folder> --json` under a watchdog, and behind everybody else for processor and memory.
const [folder, memoryBytes, parent] = process.argv.slice(2);
setPriority(5);
try {
  // Where the kernel has to end a process of this container for want of memory, let it be this one.
  writeFileSync('/proc/self/oom_score_adj', '1000');
} catch {
  // Not Linux, or not allowed.
}
const watchdog = new Worker(new URL('./watchdog.js', import.meta.url), {
  workerData: { memoryBytes: Number(memoryBytes), parent: Number(parent) },
});
watchdog.unref();
// It has looked once.
await once(watchdog, 'message');
const { reportVersion } = await import('./check-version.js');
process.exitCode = await reportVersion(folder!, true);
