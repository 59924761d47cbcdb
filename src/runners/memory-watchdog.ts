import { readFileSync, writeSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import type { Watch } from './watched-process.js';

// A thread beside the one that runs a graph: one that computes lets nothing else run in its own thread, no timer and no
// signal handler.
const EVERY_MS = 10;
const { memoryBytes, parent, lastWords } = workerData as Watch;

look();
setInterval(look, EVERY_MS);
parentPort?.postMessage('watching', []);

function look(): void {
  if (process.ppid !== parent) end();
  if (privateBytes() > memoryBytes) {
    writeSync(1, `${lastWords}\n`);
    end();
  }
}

function end(): void {
  process.kill(process.pid, 'SIGKILL');
}

/** Memory that is this process's own; the pages of node and of the runtime are the server's as well. */
function privateBytes(): number {
  try {
    const [, kilobytes] = /^RssAnon:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
    return Number(kilobytes ?? 0) * 1024;
  } catch {
    // Not Linux.
    return 0;
  }
}
