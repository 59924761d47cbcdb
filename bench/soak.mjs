// `npm run bench:soak`: a long time of mixed calls, good and bad, and what the server holds afterwards. Then the same for
// a server that leaks on purpose (`soak/leak.mjs`), which must be found: a check that cannot fail says nothing.
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { BenchFault, sayMachine, tellFault } from './machine.mjs';
import { median } from './report.mjs';
import { startNestor } from './server.mjs';
import { callsOf } from './soak/calls.mjs';
import { Callers } from './soak/callers.mjs';

const HELP = `npm run bench:soak -- [--requests 1000000] [--control 100000]

Asks a server so many requests of all kinds on 32 connections, and compares the memory and the descriptors that it holds
in the last third with those in the second. Then so many of a control server that leaks 2 KiB a request and a descriptor
every thousand. Exit code 1 if a reply was not what it should be, the server grew, or the control was not found.`;
const CONNECTIONS = 32;
/** Resident memory may grow by this share from one third to the next, descriptors by so many. */
const MEMORY_GROWTH = 0.05;
const MORE_DESCRIPTORS = 5;
const SAMPLES = 60;

const { values } = parseArgs({
  options: {
    requests: { type: 'string', default: '1000000' },
    control: { type: 'string', default: '100000' },
    help: { type: 'boolean', short: 'h', default: false },
  },
});
if (values.help) {
  console.log(HELP);
  process.exit(0);
}

const folder = mkdtempSync(join(tmpdir(), 'nestor-soak-'));
let nestor;
process.on('exit', () => {
  nestor?.child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));

try {
  sayMachine();
  const server = await soak('nestor', Number(values.requests));
  const control = await soak('control', Number(values.control), new URL('soak/leak.mjs', import.meta.url));
  if (server.memory || server.descriptors) throw new BenchFault('the server grew');
  if (!control.memory || !control.descriptors)
    throw new BenchFault('the leaks of the control were not found');
  console.log('the server is flat, and the leaks of the control were found');
} catch (error) {
  tellFault(error);
} finally {
  await nestor?.stop();
}

/** @returns what of it grew. */
async function soak(name, requests, probe) {
  // Small record files, so that many are opened and closed.
  const settings = { PREDICTION_LOG_FILE_BYTES: '4194304' };
  nestor = await startNestor(undefined, folder, settings, { name, probe: probe?.href });
  const callers = new Callers(nestor.port, await callsOf(nestor), CONNECTIONS);
  const samples = [];
  const started = performance.now();
  for (let part = 1; part <= SAMPLES; part++) {
    await callers.ask(Math.round((requests * part) / SAMPLES));
    samples.push({
      memory: nestor.memory().now,
      descriptors: readdirSync(`/proc/${nestor.child.pid}/fd`).length,
    });
    // What was recorded is not what is looked at, and a million records are much.
    if (part % 10 === 0) dropClosedRecords(name);
  }
  const seconds = (performance.now() - started) / 1000;
  await nestor.stop();
  const [before, after] = [samples.slice(SAMPLES / 3, (SAMPLES / 3) * 2), samples.slice((SAMPLES / 3) * 2)];
  const middle = (part, key) => median(part.map((sample) => sample[key]));
  const memory = middle(after, 'memory') / middle(before, 'memory');
  const descriptors = middle(after, 'descriptors') - middle(before, 'descriptors');
  console.log(
    `${name}: ${callers.done} requests in ${seconds.toFixed(0)} s, ${callers.wrong.length} wrong replies; ` +
      `${middle(before, 'memory').toFixed(0)} to ${middle(after, 'memory').toFixed(0)} MiB (x ${memory.toFixed(3)}), ` +
      `${middle(before, 'descriptors')} to ${middle(after, 'descriptors')} descriptors`,
  );
  if (callers.wrong.length > 0) throw new BenchFault(callers.wrong.slice(0, 5).join('\n'));
  return { memory: memory > 1 + MEMORY_GROWTH, descriptors: descriptors > MORE_DESCRIPTORS };
}

/** All but the newest record file of each folder. */
function dropClosedRecords(name) {
  const root = join(folder, name === 'nestor' ? 'predictions' : `predictions-${name}`);
  const files = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.name.endsWith('.ndjson'),
  );
  const numberOf = (entry) => Number(/-(\d+)\.ndjson$/.exec(entry.name)[1]);
  for (const entry of files) {
    const isNewest = !files.some(
      (other) => other.parentPath === entry.parentPath && numberOf(other) > numberOf(entry),
    );
    if (!isNewest) rmSync(join(entry.parentPath, entry.name));
  }
}
