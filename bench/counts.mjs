// `npm run bench:counts`: what it costs to count a predicted row in the bins of its baseline.
import { Baseline } from '../dist/artifacts/baseline.js';
import { BinCounter } from '../dist/pipeline/bin-counter.js';
import { optionsOf } from './command-line.mjs';
import { sayMachine } from './machine.mjs';
import { Random } from './random.mjs';

const HELP = `npm run bench:counts -- [--rows 2000000] [--inputs 20]

CPU a row, the least of five runs, in batches of 1, 32 and 1,000 rows: four fifths of the inputs are numbers of ten bins, the
others categories of ten, beside a score and two classes. Exit code 1 if a row costs 0.5 µs or more.`;
const LIMIT_US = 0.5;
const RUNS = 5;
const DIFFERENT_ROWS = 4_096;
const BINS = 10;

const values = optionsOf(HELP, { rows: '2000000', inputs: '20' });
const random = new Random(1);
const names = Array.from({ length: Number(values.inputs) }, (_, index) => `input_${index}`);
const isNumber = (index) => index % 5 !== 4;
const words = Array.from({ length: BINS }, (_, index) => `value ${index}`);
const tenths = {
  edges: words.slice(1).map((_, index) => (index + 1) / BINS),
  counts: words.map(() => 1_000),
};
const manifest = {
  model: 'bench',
  version: '1',
  inputs: names.map((name, index) => ({ name, type: isNumber(index) ? 'number' : 'category' })),
  classes: [
    { value: 0, label: 'no' },
    { value: 1, label: 'yes' },
  ],
  tolerance: { probability: 1e-9 },
};
const file = {
  schema: 1,
  rows: 10_000,
  inputs: Object.fromEntries(
    names.map((name, index) => [
      name,
      isNumber(index)
        ? { kind: 'numeric', ...tenths, missing: 0 }
        : { kind: 'category', values: words, counts: tenths.counts, missing: 0 },
    ]),
  ),
  score: tenths,
  classes: { no: 5_000, yes: 5_000 },
};
const counter = new BinCounter(manifest, Baseline.parse(Buffer.from(JSON.stringify(file)), manifest));
const rows = Array.from({ length: DIFFERENT_ROWS }, () =>
  Object.fromEntries(
    names.map((name, index) => [name, isNumber(index) ? random.next() : random.pick(words)]),
  ),
);
const decisions = rows.map(() => ({ score: random.next(), classIndex: random.int(0, 1) }));

sayMachine();
let isMissed = false;
for (const batch of [1, 32, 1_000]) {
  const costs = Array.from({ length: RUNS }, () => microsecondsPerRow(batch));
  const least = Math.min(...costs);
  if (least >= LIMIT_US) isMissed = true;
  console.log(
    `${least < LIMIT_US ? 'kept  ' : 'MISSED'}  ${names.length} inputs, batches of ${batch}: ${least.toFixed(3)} µs a row`,
  );
}
process.exitCode = isMissed ? 1 : 0;

function microsecondsPerRow(batch) {
  const total = Number(values.rows);
  const batches = Array.from({ length: Math.floor(DIFFERENT_ROWS / batch) }, (_, index) => [
    rows.slice(index * batch, (index + 1) * batch),
    decisions.slice(index * batch, (index + 1) * batch),
  ]);
  const before = process.cpuUsage();
  for (let done = 0; done < total; done += batch) {
    const marks = counter.begin(batch);
    counter.mark(marks, ...batches[(done / batch) % batches.length]);
    counter.add(marks);
    // As often as a server does that answers 20,000 rows a second.
    if (done % 100_000 < batch) counter.take();
  }
  const { user, system } = process.cpuUsage(before);
  return (user + system) / total;
}
