import { readFileSync, writeSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';

// A thread beside the one that runs a candidate: a graph that computes lets nothing else run in its own thread, no timer
// and no signal handler.
const EVERY_MS = 10;
const { memoryBytes, parent } = workerData as { memoryBytes: number; parent: number };

look();
setInterval(look, EVERY_MS);
parentPort?.postMessage('watching', []);

function look(): void {
  if (process.ppid !== parent) end();
  if (privateBytes() > memoryBytes) {
    const reason = `the candidate took more than ${Math.round(memoryBytes / 2 ** 20)} MB`;
    writeSync(1, `${JSON.stringify({ servable: false, reason })}\n`);
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
