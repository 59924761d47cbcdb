// `npm run soak`: a long time of mixed calls, good and bad, and what the server and its processes hold afterwards. Then the
// same for a server that leaks on purpose (`soak/leak.mjs`), which must be found: a check that cannot fail says nothing.
import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { optionsOf } from './command-line.mjs';
import { ARTIFACTS, BenchFault, sayMachine, tellFault } from './machine.mjs';
import { median } from './report.mjs';
import { family, readProc, startNestor } from './server.mjs';
import { putSlowModel } from './slow-models.mjs';
import { callsOf, slowCalls } from './soak/calls.mjs';
import { Callers } from './soak/callers.mjs';

const HELP = `npm run soak -- [--minutes 10] [--control 1] [--workers 1] [--slow]

Calls a server on 32 connections for so many minutes, in all ways that callers know, and compares what it and the processes that it has
started hold in the last third with what they held in the second: resident memory, descriptors, threads and processes. Then for --control
minutes a server that leaks memory, descriptors and processes. --workers sets how many processes serve, --slow adds a model that runs in
processes of its own, with calls that run past their deadline. Exit code 1 if a reply was not what it should be, the server grew, or
a leak of the control was not found.`;
const CONNECTIONS = 32;
/** How much each may grow from one third to the next: memory by this share, the others by so many. */
const MOST = { memory: 0.05, descriptors: 5, threads: 2, processes: 0 };
const SAMPLES = 60;

const values = optionsOf(HELP, { minutes: '10', control: '1', workers: '1', slow: false });

const folder = mkdtempSync(join(tmpdir(), 'nestor-soak-'));
let nestor;
process.on('exit', () => {
  nestor?.child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));

try {
  sayMachine();
  const models = join(folder, 'artifacts');
  cpSync(ARTIFACTS, models, { recursive: true });
  if (values.slow) putSlowModel(models, 'busy', 'busy', 20);
  const grown = await soak('nestor', Number(values.minutes));
  const found = await soak('control', Number(values.control), new URL('soak/leak.mjs', import.meta.url));
  if (grown.length > 0) throw new BenchFault(`the server grew: ${grown.join(', ')}`);
  const missed = ['memory', 'descriptors', 'processes'].filter((what) => !found.includes(what));
  if (missed.length > 0) throw new BenchFault(`leaks of the control were not found: ${missed.join(', ')}`);
  console.log('the server is flat, and the leaks of the control were found');
} catch (error) {
  tellFault(error);
} finally {
  await nestor?.stop();
}

/** @returns what of it grew. */
async function soak(name, minutes, probe) {
  const settings = {
    ARTIFACTS_DIR: join(folder, 'artifacts'),
    // Small record files, so that many are opened and closed.
    PREDICTION_LOG_FILE_BYTES: '4194304',
    WORKERS: values.workers,
  };
  nestor = await startNestor(undefined, folder, settings, { name, probe: probe?.href });
  const calls = [...(await callsOf(nestor)), ...(values.slow ? slowCalls() : [])];
  const callers = new Callers(nestor.port, calls, CONNECTIONS);
  const samples = [];
  for (let part = 1; part <= SAMPLES; part++) {
    await callers.ask((minutes * 60_000) / SAMPLES);
    samples.push(held(nestor));
    // What was recorded is not what is looked at, and a million records are much.
    if (part % 10 === 0) dropClosedRecords(name);
  }
  await nestor.stop();
  const [before, after] = [samples.slice(SAMPLES / 3, (SAMPLES / 3) * 2), samples.slice((SAMPLES / 3) * 2)];
  const middle = (part, key) => median(part.map((sample) => sample[key]));
  const found = Object.keys(MOST).map((key) => ({ key, was: middle(before, key), is: middle(after, key) }));
  console.log(
    `${name}: ${callers.done} requests in ${minutes} min, ${callers.wrong.length} wrong replies; ` +
      found.map(({ key, was, is }) => `${key} ${was.toFixed(0)} to ${is.toFixed(0)}`).join(', ') +
      ` (memory in MiB, x ${(found[0].is / found[0].was).toFixed(3)})`,
  );
  if (callers.wrong.length > 0) throw new BenchFault(callers.wrong.slice(0, 5).join('\n'));
  return found
    .filter(({ key, was, is }) => is > (key === 'memory' ? was * (1 + MOST.memory) : was + MOST[key]))
    .map(({ key }) => key);
}

/** What the server and all processes that it has started hold now. */
function held(server) {
  const pids = family(server.child.pid);
  const sum = (count) => pids.reduce((total, pid) => total + count(pid), 0);
  return {
    memory: server.memory().now,
    descriptors: sum(descriptorsOf),
    threads: sum((pid) => Number(/^Threads:\s+(\d+)/m.exec(readProc(pid, 'status'))?.[1] ?? 0)),
    processes: pids.length,
  };
}

function descriptorsOf(pid) {
  try {
    return readdirSync(`/proc/${pid}/fd`).length;
  } catch {
    // It has ended meanwhile.
    return 0;
  }
}

/** All but the newest record file of each process in each folder. */
function dropClosedRecords(name) {
  const root = join(folder, name === 'nestor' ? 'predictions' : `predictions-${name}`);
  const files = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.name.endsWith('.ndjson'),
  );
  const [ofProcess, numberOf] = [/^(.*)-\d+\.ndjson$/, /-(\d+)\.ndjson$/];
  const writer = (entry) => join(entry.parentPath, ofProcess.exec(entry.name)[1]);
  const number = (entry) => Number(numberOf.exec(entry.name)[1]);
  for (const entry of files) {
    const isNewest = !files.some((other) => writer(other) === writer(entry) && number(other) > number(entry));
    if (!isNewest) rmSync(join(entry.parentPath, entry.name));
  }
}
