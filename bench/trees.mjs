// `npm run bench:trees`: trees as code beside the runtime, every row bit for bit; then what both cost.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FLOATS } from '../dist/runners/graph.js';
import { OnnxSession } from '../dist/runners/onnx-session.js';
import { readTreeEnsemble } from '../dist/runners/tree-ensemble.js';
import { compileTrees, neighbour } from '../dist/runners/tree-proof.js';
import { optionsOf } from './command-line.mjs';
import { Random } from './random.mjs';
import { ARTIFACTS, ROOT } from './machine.mjs';

const HELP = `npm run bench:trees -- [--rows 1000000] [--ensembles 20] [--ensemble-rows 50000] [--seed 1]

Compares compiled trees with the runtime on rows whose inputs lie at, beside, between and beyond the places where the trees
split, or are missing, infinite or zero: --rows for each demonstration model, --ensemble-rows for each of so many random
ensembles a booster, which python/.venv makes (see CONTRIBUTING.md). Exit code 1 if a bit differs, or if trees are refused.`;
const PYTHON = join(ROOT, 'python/.venv/bin/python');
const ROWS_A_RUN = 1_000;
const SPECIAL = [NaN, Infinity, -Infinity, 0, -0, 5e-324, -5e-324, 1e-310, 1e-45, -1e-45, 1e-40, 1e308];

const values = optionsOf(HELP, { rows: '1000000', ensembles: '20', 'ensemble-rows': '50000', seed: '1' });

const random = new Random(Number(values.seed));
const found = { compiled: 0, rows: 0, differing: 0, refused: 0, others: 0 };

for (const name of readdirSync(ARTIFACTS)) {
  const folder = join(ARTIFACTS, name, '1');
  const { shape } = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')).tensors.inputs[0];
  await compare(name, readFileSync(join(folder, 'model.onnx')), shape[1], Number(values.rows));
}
const folder = mkdtempSync(join(tmpdir(), 'nestor-trees-'));
try {
  if (Number(values.ensembles) > 0) {
    if (!existsSync(PYTHON))
      throw new Error('python/.venv is not there: run sh python/setup.sh, or ask for --ensembles 0');
    const env = { ...process.env, PYTHONPATH: ROOT };
    execFileSync(PYTHON, [join(ROOT, 'bench/random_trees.py'), folder, values.ensembles], {
      stdio: 'inherit',
      env,
    });
  }
  for (const name of readdirSync(folder).toSorted()) {
    const width = Number(/-(\d+)\.onnx$/.exec(name)[1]);
    await compare(name, readFileSync(join(folder, name)), width, Number(values['ensemble-rows']));
  }
} finally {
  rmSync(folder, { recursive: true });
}
console.log(
  `${found.compiled} ensembles as code, ${found.rows} rows compared, ${found.differing} differ; ` +
    `${found.refused} refused, ${found.others} graphs are none of trees`,
);
process.exitCode = found.differing + found.refused > 0 ? 1 : 0;

async function compare(name, model, width, count) {
  const ensemble = readTreeEnsemble(model);
  if (ensemble === undefined) {
    found.others++;
    console.log(`${name}: the runtime runs it`);
    return;
  }
  const { output, precision, splits } = ensemble;
  const session = OnnxSession.load(model, ['features'], [output]);
  const hard = Array.from({ length: width }, (_, column) =>
    hardValues(splits.get(column) ?? new Set(), precision),
  );
  const make = (rows) => ({ data: fill(rows * width, precision, hard), dims: [rows, width] });
  const before = process.cpuUsage();
  const { graph, fault } = await compileTrees(model, session, () => make(128));
  const { user, system } = process.cpuUsage(before);
  if (graph === undefined) {
    found.refused++;
    console.log(`${name}: refused, ${fault}`);
    return;
  }
  let differing = 0;
  for (let done = 0; done < count; done += ROWS_A_RUN) {
    const tensors = [make(ROWS_A_RUN)];
    const [expected, actual] = [session.run(tensors)[output], graph.run(tensors)[output]];
    for (let row = 0; row < ROWS_A_RUN; row++) if (!Object.is(expected[row], actual[row])) differing++;
  }
  found.compiled++;
  found.rows += count;
  found.differing += differing;
  const costs = [1, 32, 128].map(
    (rows) => `${rows}: ${microseconds(session, make(rows))} → ${microseconds(graph, make(rows))}`,
  );
  console.log(
    `${name}: ${ensemble.trees.length} trees, ${precision}; ${count} rows, ${differing} differ; ` +
      `compiled and compared in ${((user + system) / 1_000).toFixed(0)} ms CPU; µs a run of rows, runtime → code: ${costs.join(', ')}`,
  );
  session.release();
}

function hardValues(thresholds, precision) {
  const sorted = [...thresholds].toSorted((a, b) => a - b);
  const gaps = sorted.slice(1).map((value, index) => (value + sorted[index]) / 2);
  const sides = sorted.flatMap((value) => [neighbour(value, -1, precision), neighbour(value, 1, precision)]);
  return [...SPECIAL, ...sorted, ...gaps, ...sides, (sorted[0] ?? 0) - 1, (sorted.at(-1) ?? 0) + 1];
}

function fill(length, precision, hard) {
  const data = new FLOATS[precision](length);
  for (let at = 0; at < length; at++) {
    data[at] = random.pick(hard[at % hard.length]);
  }
  return data;
}

/** CPU of one run, when it is warm. */
function microseconds(graph, tensor) {
  const again = (ms) => {
    const end = performance.now() + ms;
    let runs = 0;
    for (; performance.now() < end; runs++) graph.run([tensor]);
    return runs;
  };
  again(50);
  const before = process.cpuUsage();
  const runs = again(100);
  const { user, system } = process.cpuUsage(before);
  return ((user + system) / runs).toFixed(1);
}
