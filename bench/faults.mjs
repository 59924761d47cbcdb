// `npm run test:faults`: real faults, one after another, each told in a line with what was done, what was seen and the bound.
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { byBench } from './faults/by-bench.mjs';
import { child } from './faults/child.mjs';
import { clock } from './faults/clock.mjs';
import { deadline } from './faults/deadline.mjs';
import { memory } from './faults/memory.mjs';
import { poison } from './faults/poison.mjs';
import { postgres } from './faults/postgres.mjs';
import { primary } from './faults/primary.mjs';
import { reload } from './faults/reload.mjs';
import { slowClients } from './faults/slow-clients.mjs';
import { bySpecs } from './faults/specs.mjs';
import { stop } from './faults/stop.mjs';
import { worker } from './faults/worker.mjs';
import { BenchFault, ROOT, sayMachine } from './machine.mjs';

const FAULTS = {
  crash: bySpecs(
    'the server is killed by SIGKILL under load, at both durabilities',
    '0 acknowledged predictions lost, 0 doubled, no torn line after the next start',
    ['test/smoke/crash.smoke-spec.ts'],
    ({ rounds }) => ({ CRASH_ROUNDS: String(rounds) }),
  ),
  'full-disk': bySpecs(
    'the disk of the records is full (a tmpfs)',
    'what cannot be recorded is 503, what was answered is there, serving resumes by itself, memory flat',
    ['test/prediction-log/full-disk.e2e-spec.ts'],
  ),
  'stalled-disk': bySpecs(
    'the disk of the records stands still',
    'at synced other routes answer, predictions wait or get 503, none lost; told by log and metric',
    ['test/smoke/stalled-disk.smoke-spec.ts'],
  ),
  'equal-processes': bySpecs(
    'two processes with one host name and one process number on one record folder',
    'neither loses a record to the other',
    ['test/smoke/equal-processes.smoke-spec.ts'],
    ({ rounds }) => ({ EQUAL_STARTS: String(10 * rounds) }),
  ),
  'slow-clients': slowClients,
  'hostile-bodies': bySpecs(
    'bodies that are cheap to send and dear to read, on every route',
    'each 4xx or 503 within the CPU of its bytes, memory and liveness kept',
    ['test/smoke/hostile-bodies.smoke-spec.ts'],
  ),
  'broken-http': bySpecs(
    'bytes that are no HTTP, and JSON that is none',
    'each told by a problem document, counted and logged; the server serves on',
    ['test/errors/not-http.e2e-spec.ts', 'test/smoke/broken-json.smoke-spec.ts'],
  ),
  'one-stop': bySpecs(
    'SIGTERM with calls in flight, idle connections and slow readers',
    'every reply whole, all records there, exit 0',
    ['test/smoke/shutdown.smoke-spec.ts', 'test/smoke/whole-replies.smoke-spec.ts'],
  ),
  artifact: bySpecs(
    'version folders with changed, missing and wrong bytes',
    'never served, the reason told, everything else served',
    ['test/artifacts/refused-artifact.e2e-spec.ts'],
  ),
  clock,
  postgres,
  child,
  memory,
  poison,
  deadline,
  worker,
  primary,
  reload,
  stop,
  trainings: {
    needs: () =>
      existsSync(join(ROOT, 'python/.venv')) ? undefined : 'python/.venv is not there (sh python/setup.sh)',
    ...byBench(
      'server, runner and trainings are killed while trainings are asked for',
      'every job ends once and publishes once, the champion whole, no process or folder left',
      'kills',
      ({ rounds }) => ['--kills', String(Math.ceil(rounds / 3))],
    ),
  },
};
/** Of the log, where a bound was broken. */
const LINES = 8;
const NAMES = Object.keys(FAULTS);

const HELP = `npm run test:faults -- [--only ${NAMES.slice(0, 2).join(',')},…] [--rounds 3] [--minutes 0.5] [--patience 1]

Brings about real faults, one after another: ${NAMES.join(', ')}.
--rounds   how often a fault that is a moment comes
--minutes  how long a fault that goes on does (child)
--patience what the bounds of time are multiplied by, for a machine with other work; above 1 a call refused as overloaded is no failure
A fault that cannot be brought about here is skipped, by its name. Exit code 1 if a bound was broken, 2 if this was called wrongly.`;

const options = optionsOf();
sayMachine();
const outcomes = [];
for (const name of options.only) outcomes.push(await bring(name, FAULTS[name]));
const count = (outcome) => outcomes.filter((each) => each === outcome).length;
console.log(`\n${count('kept')} kept, ${count('BROKEN')} broken, ${count('skipped')} skipped`);
process.exit(count('BROKEN') === 0 ? 0 : 1);

/** Brings one fault about and tells it. @returns `kept`, `BROKEN` or `skipped`. */
async function bring(name, { what, bound, needs, run }) {
  const folder = mkdtempSync(join(tmpdir(), `nestor-fault-${name}-`));
  const drop = () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  process.once('exit', drop);
  const began = performance.now();
  const found = await outcomeOf(needs?.(), () => run({ folder, ...options }));
  const outcome = found.isSkipped ? 'skipped' : found.broken.length > 0 ? 'BROKEN' : 'kept';
  const seconds = ((performance.now() - began) / 1000).toFixed(0);
  console.log(`${outcome}  ${name} (${seconds} s): ${what}: ${found.seen}  [bound: ${bound}]`);
  for (const fault of found.broken) console.log(`        ${fault}`);
  if (found.broken.length > 0) for (const line of lastLines(folder)) console.log(`        | ${line}`);
  drop();
  process.off('exit', drop);
  return outcome;
}

/** What the server of a fault has said last. */
function lastLines(folder) {
  const path = join(folder, 'nestor.log');
  const lines = existsSync(path) ? readFileSync(path, 'utf8').trim().split('\n') : [];
  return lines.filter((line) => !line.includes('record file sealed')).slice(-LINES);
}

async function outcomeOf(missing, run) {
  if (missing !== undefined) return { isSkipped: true, seen: missing, broken: [] };
  try {
    return await run();
  } catch (error) {
    // A server that cannot be started, or ended too early, is a finding as well, and the next fault is still to come.
    const said = error instanceof BenchFault ? error.message : error.stack;
    return { seen: 'it could not be brought to its end', broken: [said] };
  }
}

function optionsOf() {
  try {
    const { values } = parseArgs({
      options: {
        only: { type: 'string', default: NAMES.join(',') },
        rounds: { type: 'string', default: '3' },
        minutes: { type: 'string', default: '0.5' },
        patience: { type: 'string', default: '1' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    if (values.help) {
      console.log(HELP);
      process.exit(0);
    }
    const only = values.only.split(',');
    const unknown = only.find((name) => FAULTS[name] === undefined);
    if (unknown !== undefined) throw new RangeError(`--only: "${unknown}" is none of ${NAMES.join(', ')}`);
    return {
      only,
      ...positive('rounds', values),
      ...positive('minutes', values),
      ...positive('patience', values),
    };
  } catch (error) {
    console.error(`test:faults: ${error.message}\n\n${HELP}`);
    return process.exit(2);
  }
}

function positive(name, values) {
  const value = Number(values[name]);
  if (value > 0 && (name !== 'rounds' || Number.isInteger(value))) return { [name]: value };
  throw new RangeError(`--${name} must be a number above 0`);
}
