import { setImmediate as nextTurn } from 'node:timers/promises';
import { FLOATS, type Floats, type LocalGraph, type TensorData } from './graph.js';
import { TreeCode } from './tree-code.js';
import { readTreeEnsemble, type TreeEnsemble } from './tree-ensemble.js';

/** Rows that are compared at once. */
const ROWS = 128;
/** Others have their turn after so long. */
const SLICE_MS = 10;

/** The trees of a model as code, or why the runtime runs them. */
export interface Compiled {
  readonly graph?: TreeCode;
  /** Only where the graph is one of trees: what the runtime says otherwise. */
  readonly fault?: string;
}

/**
 * Makes code of a graph that is one ensemble of trees, and compares it with `session`: on rows that lie at each place
 * where a tree splits, one step below and above it, and with each of its inputs missing or infinite. One bit that
 * differs, and the runtime is kept. `encodeSamples` gives a tensor of ordinary rows, which are compared too, and whose
 * other inputs those rows have.
 */
export async function compileTrees(
  model: Uint8Array,
  session: LocalGraph,
  encodeSamples: () => TensorData,
): Promise<Compiled> {
  const ensemble = readTreeEnsemble(model);
  if (ensemble === undefined) return {};
  try {
    const samples = encodeSamples();
    const width = samples.dims[1] ?? 0;
    const beyond = [...ensemble.splits.keys()].find((feature) => feature >= width);
    if (beyond !== undefined) return { fault: `a tree asks for column ${beyond} of ${width}` };
    await nextTurn();
    const graph = new TreeCode(ensemble);
    const fault = await firstDifference(ensemble, graph, session, samples);
    return fault === undefined ? { graph } : { fault };
  } catch (error) {
    // Trees that are too deep for the engine's own parser, for one.
    return { fault: (error as Error).message };
  }
}

async function firstDifference(
  ensemble: TreeEnsemble,
  code: LocalGraph,
  session: LocalGraph,
  { data: samples, dims: [, width = 0] }: TensorData,
): Promise<string | undefined> {
  const ordinary = samples as Floats;
  const rows = ordinary.length / width;
  for (const some of [rows, 1]) {
    const tensor = { data: ordinary.slice(0, some * width), dims: [some, width] };
    const row = differingRow(ensemble, code, session, tensor);
    if (row !== undefined) return `of ${some} samples the ${row.at + 1}th: ${row.text}`;
  }
  const probes = [...probesOf(ensemble)];
  let turn = performance.now();
  for (let first = 0; first < probes.length; first += ROWS) {
    const some = probes.slice(first, first + ROWS);
    const data = new FLOATS[ensemble.precision](some.length * width);
    for (const [row, { feature, value }] of some.entries()) {
      const from = ((first + row) * width) % ordinary.length;
      data.set(ordinary.subarray(from, from + width), row * width);
      data[row * width + feature] = value;
    }
    const row = differingRow(ensemble, code, session, { data, dims: [some.length, width] });
    if (row !== undefined) return `column ${some[row.at]!.feature} = ${some[row.at]!.value}: ${row.text}`;
    if (performance.now() - turn < SLICE_MS) continue;
    await nextTurn();
    turn = performance.now();
  }
  return undefined;
}

/** The first row whose sums differ in a bit: -0 is not 0, and no number is equal to one that is none. */
function differingRow(
  { output }: TreeEnsemble,
  code: LocalGraph,
  session: LocalGraph,
  tensor: TensorData,
): { at: number; text: string } | undefined {
  const expected = session.run([tensor])[output] as Floats;
  const actual = code.run([tensor])[output] as Floats;
  const at = actual.findIndex((sum, row) => !Object.is(sum, expected[row]));
  if (at === -1 && expected.length === actual.length) return undefined;
  return { at, text: `the runtime says ${expected[at]}, the compiled trees ${actual[at]}` };
}

function* probesOf({ splits, precision }: TreeEnsemble): Generator<{ feature: number; value: number }> {
  for (const [feature, thresholds] of splits) {
    for (const threshold of thresholds) {
      for (const direction of [0, 1, -1] as const)
        yield { feature, value: neighbour(threshold, direction, precision) };
    }
    for (const value of [Number.NaN, Infinity, -Infinity, 0, -0]) yield { feature, value };
  }
}

const FP64 = new Float64Array(1);
const FP64_BITS = new BigInt64Array(FP64.buffer);
const FP32 = new Float32Array(1);
const FP32_BITS = new Int32Array(FP32.buffer);

/** The next number of the precision above or below. */
export function neighbour(
  value: number,
  direction: -1 | 0 | 1,
  precision: TreeEnsemble['precision'],
): number {
  if (direction === 0) return value;
  const isAway = value === 0 || value > 0 === direction > 0;
  if (precision === 'FP64') {
    FP64[0] = value === 0 ? 0 : value;
    FP64_BITS[0]! += isAway ? 1n : -1n;
    return value === 0 ? FP64[0] * direction : FP64[0];
  }
  FP32[0] = value === 0 ? 0 : value;
  FP32_BITS[0]! += isAway ? 1 : -1;
  return value === 0 ? FP32[0] * direction : FP32[0];
}
