// Whether another build answers, records and counts as this one does: the same calls to both, legal and illegal, and the
// same bytes by raw socket.
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { Differences } from './equal/compare.mjs';
import { Exceptions } from './equal/exceptions.mjs';
import { Random } from './random.mjs';
import { compareIn, STAGES } from './equal/stage.mjs';
import { BenchFault, ROOT, tellFault } from './machine.mjs';

const NAMES = Object.keys(STAGES);
const HELP = `npm run bench:equal -- --other <checkout> [--calls 1000] [--seed 1] [--stages ${NAMES.join(',')}]

Starts this build and the one of <checkout>, another clone with its node_modules/ and dist/ (npm ci && npm run build), sends
both the same calls and compares all that they do: replies byte by byte, connections, records and counters. Left out are
dates, durations and what the runtime counts of itself; ids may differ, but must stand in the same places. Each build serves
the models of its own checkout. One difference: exit code 1. --other . compares this build with itself, which must find none.

  --calls <n>      to each door in each stage
  --seed <n>       another number makes other calls
  --stages <list>  production; development, where every origin may call; acceptance, where one may
  --shown <n>      differences of each kind that are printed (default 3)
  --except <file>  what is meant to differ, with reasons (the form of the file: bench/equal/exceptions.mjs)`;

const { values } = parseArgs({
  options: {
    other: { type: 'string' },
    calls: { type: 'string', default: '1000' },
    seed: { type: 'string', default: '1' },
    stages: { type: 'string', default: NAMES.join(',') },
    shown: { type: 'string', default: '3' },
    except: { type: 'string' },
    help: { type: 'boolean', short: 'h', default: false },
  },
});
if (values.help || values.other === undefined) {
  console.log(HELP);
  process.exit(values.help ? 0 : 2);
}

const started = performance.now();
const folder = mkdtempSync(join(tmpdir(), 'nestor-equal-'));
const compared = { calls: 0, rows: 0, cases: 0, counters: 0, statuses: {} };
const exceptions = new Exceptions(values.except);
const differences = new Differences(exceptions, wholeNumber('shown'));
try {
  const builds = [
    { name: 'this', root: builtIn(ROOT) },
    { name: 'other', root: builtIn(resolve(values.other)) },
  ];
  const [calls, seed] = [wholeNumber('calls'), wholeNumber('seed')];
  for (const [index, stage] of values.stages.split(',').entries()) {
    if (!NAMES.includes(stage)) throw new BenchFault(`--stages: "${stage}" is none of ${NAMES.join(', ')}`);
    await compareIn(stage, {
      builds,
      folder,
      calls,
      random: new Random(seed + index),
      differences,
      compared,
    });
    console.log(`${stage}: done, ${differences.count} differences so far`);
  }
  report();
} catch (error) {
  tellFault(error);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function builtIn(root) {
  if (existsSync(join(root, 'dist', 'main.js'))) return root;
  throw new BenchFault(`${root} has no dist/main.js; run there: npm ci && npm run build`);
}

function wholeNumber(name) {
  if (/^\d{1,9}$/.test(values[name])) return Number(values[name]);
  throw new BenchFault(`--${name} must be a whole number`);
}

function report() {
  const seconds = ((performance.now() - started) / 1000).toFixed(0);
  const { calls, rows, cases, counters, statuses } = compared;
  console.log(
    `\n${calls} calls, ${rows} records, ${cases} transport cases, ${counters} counters compared in ${seconds} s`,
  );
  const first = Object.entries(statuses).map(([status, count]) => `${count} × ${status}`);
  console.log(`answered first: ${first.join(', ')}`);
  console.log(`${differences.count} differ`);
  if (values.except !== undefined) console.log(`left out as meant:\n${exceptions.text()}`);
  if (differences.count > 0) console.log(`\n${differences.text()}`);
  process.exitCode = differences.count > 0 ? 1 : 0;
}
