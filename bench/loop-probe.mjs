// Loaded into the server by `--import …/loop-probe.mjs?out=<file>`: notes how long its event loop is held. A line of JSON
// for every turn of more than 10 ms: when it ended, how long it took, and how much of that the main thread computed. On
// a machine with other work only the second says what the server itself did.
import { appendFileSync } from 'node:fs';

const EVERY_MS = 5;
const TOLD_MS = 10;
const out = new URL(import.meta.url).searchParams.get('out');

const computed = () => {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
};
let [time, cpu] = [performance.now(), computed()];
setInterval(() => {
  const [now, cpuNow] = [performance.now(), computed()];
  const ms = now - time - EVERY_MS;
  if (ms > TOLD_MS) {
    appendFileSync(out, `${JSON.stringify({ at: Date.now(), ms, cpuMs: Math.min(cpuNow - cpu, ms) })}\n`);
  }
  [time, cpu] = [performance.now(), computed()];
}, EVERY_MS).unref();
