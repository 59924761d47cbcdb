// `npm run bench:drift`: how often the drift statistics cry wolf on clean rows, and how soon they find what has moved.
import { distance } from '../dist/watch/distances.js';
import { distanceStatus } from '../dist/watch/drift-status.js';
import { SequentialDetector } from '../dist/watch/sequential-detector.js';
import { optionsOf } from './command-line.mjs';
import { sayMachine } from './machine.mjs';
import { Random } from './random.mjs';

const HELP = `npm run bench:drift -- [--deployments 1000] [--streams 200] [--seed 1]

Simulates deployments of 20 features, whose bins are the tenths of 10,000 training rows, over 8 windows of 300 and 1,000 rows;
and streams of 20,000 rows of one feature, and of 20,000 labels, looked at after every 25. Exit code 1 if a promise is not kept.`;
const FEATURES = 20;
const WINDOWS = 8;
const BINS = 10;
const STREAM = 20_000;
const BLOCK = 25;

const values = optionsOf(HELP, { deployments: '1000', streams: '200', seed: '1' });
const deployments = Number(values.deployments);
const streams = Number(values.streams);
const random = new Random(Number(values.seed));
let missed = 0;

sayMachine();
console.log(`windows: ${deployments} deployments of ${FEATURES} features, ${WINDOWS} windows each`);
for (const [training, rows] of [
  [2_000, 300],
  [10_000, 300],
  [10_000, 1_000],
]) {
  const of = `${training} training rows, windows of ${rows}`;
  let alarmed = 0;
  let found = 0;
  for (let deployment = 0; deployment < deployments; deployment++) {
    const features = Array.from({ length: FEATURES }, () => feature(training));
    if (features.some((each) => everAlarms(each, rows))) alarmed++;
    const [moved] = features;
    if (isAlarm(statusOf(moved, [windowOf(moved, rows, 0.5), windowOf(moved, rows, 0.5)]))) found++;
  }
  promise(`clean, ${of}: deployments with a false alarm`, alarmed / deployments, '<=', 0.01);
  promise(`0.5 sd, ${of}: found in the second window`, found / deployments, '>=', 0.97);
}

console.log(`\nafter every ${BLOCK} rows: ${streams} streams of one feature`);
for (const training of [2_000, 10_000]) {
  const of = `${training} training rows`;
  let alarms = 0;
  for (let stream = 0; stream < streams; stream++)
    if (rowsToAlarm(feature(training), 0, STREAM) <= STREAM) alarms++;
  promise(`clean, ${of}: streams of ${STREAM} rows with a false alarm`, alarms / streams, '<=', 1 / 200);
  for (const [shift, within] of [
    [0.5, training < 10_000 ? 400 : 350],
    [1, 100],
  ]) {
    const rows = Array.from({ length: streams }, () => rowsToAlarm(feature(training), shift, STREAM));
    const sorted = rows.toSorted((a, b) => a - b);
    const share = rows.filter((each) => each <= within).length / streams;
    promise(`${shift} sd, ${of}: found within ${within} rows`, share, '>=', 0.95);
    console.log(`  median ${sorted[streams >> 1]} rows, 95 % within ${sorted[Math.floor(0.95 * streams)]}`);
  }
}
console.log(`\nerrors, of 10 % on 2,000 held-out rows, after every ${BLOCK} labels: ${streams} streams`);
const wrongAlarms = Array.from({ length: streams }, () => labelsToAlarm(0.1, STREAM));
promise(
  `clean: streams of ${STREAM} labels with a false alarm`,
  wrongAlarms.filter((each) => each <= STREAM).length / streams,
  '<=',
  1 / 200,
);
for (const [errors, within] of [
  [0.2, 800],
  [0.3, 200],
]) {
  const labels = Array.from({ length: streams }, () => labelsToAlarm(errors, STREAM)).toSorted(
    (a, b) => a - b,
  );
  const share = labels.filter((each) => each <= within).length / streams;
  promise(`${100 * errors} % errors: found within ${within} labels`, share, '>=', 0.95);
  console.log(`  median ${labels[streams >> 1]} labels, 95 % within ${labels[Math.floor(0.95 * streams)]}`);
}
process.exitCode = missed === 0 ? 0 : 1;
console.log(missed === 0 ? 'every promise is kept' : `${missed} promises are not kept`);

/** A standard normal feature: the tenths of its training rows, and how many lie in each. */
function feature(rows) {
  const sample = Float64Array.from({ length: rows }, () => normal()).toSorted();
  const edges = Array.from(
    { length: BINS - 1 },
    (_, tenth) => sample[Math.ceil(((tenth + 1) * rows) / BINS)],
  );
  const expected = Array.from({ length: BINS }, () => 0);
  for (const value of sample) expected[binOf(edges, value)]++;
  return { edges, expected };
}

function windowOf({ edges }, rows, shift = 0) {
  const observed = Array.from({ length: BINS }, () => 0);
  for (let row = 0; row < rows; row++) observed[binOf(edges, normal() + shift)]++;
  return observed;
}

function everAlarms(each, rows) {
  const windows = Array.from({ length: WINDOWS }, () => windowOf(each, rows));
  return windows.some((_, last) => isAlarm(statusOf(each, windows.slice(0, last + 1))));
}

function statusOf({ expected }, windows) {
  const rows = windows[0].reduce((sum, count) => sum + count, 0);
  const training = expected.reduce((sum, count) => sum + count, 0);
  const compared = windows
    .slice(-2)
    .map((observed) => ({ rows, distance: distance(expected, observed, FEATURES) }));
  return distanceStatus(compared, training);
}

function isAlarm(status) {
  return status === 'drift' || status === 'severe';
}

function rowsToAlarm(each, shift, most) {
  const detector = new SequentialDetector(each.expected);
  for (let rows = BLOCK; rows <= most; rows += BLOCK)
    if (detector.add(windowOf(each, BLOCK, shift))) return rows;
  return Infinity;
}

function labelsToAlarm(errors, most) {
  // What the hold-out has is known from as many rows, and not better.
  const wrong = countOf(2_000, 0.1);
  const detector = new SequentialDetector([2_000 - wrong, wrong], { watchesRiseOfLast: true });
  for (let labels = BLOCK; labels <= most; labels += BLOCK) {
    const now = countOf(BLOCK, errors);
    if (detector.add([BLOCK - now, now])) return labels;
  }
  return Infinity;
}

function countOf(rows, share) {
  let count = 0;
  for (let row = 0; row < rows; row++) if (random.chance(share)) count++;
  return count;
}

function binOf(edges, value) {
  let bin = 0;
  while (bin < edges.length && value > edges[bin]) bin++;
  return bin;
}

/** By Box and Muller. */
function normal() {
  return Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());
}

function promise(what, value, sign, limit) {
  const isKept = sign === '<=' ? value <= limit : value >= limit;
  if (!isKept) missed++;
  console.log(
    `${isKept ? 'kept  ' : 'MISSED'}  ${what}: ${(100 * value).toFixed(2)} %, promised ${sign} ${100 * limit} %`,
  );
}
