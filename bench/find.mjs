// `npm run bench:find -- [--records 10000000]`: how long it takes to find a record by its id, among so many on disk.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findRecord } from '../dist/journal/record-search.js';
import { optionsOf } from './command-line.mjs';
import { A_FILE, FIRST, idOf, writeRecords } from './many-records.mjs';
import { sayMachine } from './machine.mjs';

const HELP = `npm run bench:find -- [--records 10000000]

Writes so many records of 640 bytes, ten a millisecond, in files of 100,000 by two writers, into a temporary folder (6.4 GB for ten
million, see TMPDIR), and looks for 200 of them and for 20 ids that no record has. Exit code 1 if more than one of
a hundred takes 20 ms.`;
const LOOKS = 200;
const MISSES = 20;
const MOST_MS = 20;

const values = optionsOf(HELP, { records: '10000000' });
const records = Number(values.records);
if (!Number.isInteger(records) || records < A_FILE) {
  console.error(`--records must be a whole number of at least ${A_FILE}\n\n${HELP}`);
  process.exit(2);
}

const root = mkdtempSync(join(tmpdir(), 'nestor-find-'));
process.on('exit', () => rmSync(root, { recursive: true, force: true }));
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));

sayMachine();
writeRecords(root, records);

const found = [];
for (let look = 0; look < LOOKS; look++) {
  const number = Math.floor((look / LOOKS) * records) + 7;
  found.push(await timed(number, 'found'));
}
const missed = [];
for (let look = 0; look < MISSES; look++)
  missed.push(await timed(records + look, 'unknown', FIRST + 1_000 * look));
say(`found, of ${records}`, found);
say('known to be none', missed);
const late = found.filter((ms) => ms >= MOST_MS).length;
process.exitCode = late <= LOOKS / 100 ? 0 : 1;
console.log(
  `${process.exitCode === 0 ? 'reached' : 'MISSED'}: ${late} of ${LOOKS} took ${MOST_MS} ms or more`,
);

async function timed(number, outcome, at) {
  const started = performance.now();
  const search = await findRecord(root, idOf(number, at));
  if (search.outcome !== outcome) throw new Error(`record ${number}: ${search.outcome}`);
  return performance.now() - started;
}

function say(what, times) {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))].toFixed(1);
  console.log(`${what}: median ${at(0.5)} ms, 99 % within ${at(0.99)} ms, the slowest ${at(1)} ms`);
}
