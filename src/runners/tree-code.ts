import { FLOATS, type Floats, type LocalGraph, type Outputs, type TensorData } from './graph.js';
import type { TreeEnsemble, TreeNode } from './tree-ensemble.js';

/** More in one function and V8 does not optimise it. */
const TREES_A_FUNCTION = 10;
/** What a missing value makes of a comparison is false, so where it goes to yes the opposite is asked. */
const OPPOSITE = { '<=': '>', '<': '>=', '>=': '<', '>': '<=' } as const;

/** Adds some trees' leaves to the sum of each row. */
type Part = (x: Floats, rows: number, width: number, sums: Floats) => void;

/** The sums of an ensemble as JavaScript, added in the order of the trees and rounded as the runtime does. */
export class TreeCode implements LocalGraph {
  private readonly output: string;
  private readonly Sums: (typeof FLOATS)[TreeEnsemble['precision']];
  private readonly parts: readonly Part[];

  /** The text is made of names of its own and of numbers. */
  constructor({ trees, precision, output }: TreeEnsemble) {
    this.output = output;
    this.Sums = FLOATS[precision];
    const round = precision === 'FP32' ? 'Math.fround' : '';
    const parts: Part[] = [];
    for (let first = 0; first < trees.length; first += TREES_A_FUNCTION) {
      const sums = trees
        .slice(first, first + TREES_A_FUNCTION)
        .map((tree) => `s=${round}(s+(${expression(tree)}));`);
      parts.push(compile(sums.join('\n')));
    }
    this.parts = parts;
  }

  run([tensor]: readonly TensorData[]): Outputs {
    const { data, dims } = tensor!;
    const [rows = 0, width = 0] = dims;
    const sums = new this.Sums(rows);
    // All rows by some trees, not a row by all trees: the processor keeps so few in its caches.
    for (const part of this.parts) part(data as Floats, rows, width, sums);
    return { [this.output]: sums };
  }

  release(): void {
    // Nothing is held outside of the heap.
  }
}

/** `body` adds to `s`, the sum of the row that begins at `b`. */
function compile(body: string): Part {
  const loop = `for(let r=0,b=0;r<n;r++,b+=w){let s=y[r];\n${body}\ny[r]=s;}`;
  // oxlint-disable-next-line typescript/no-implied-eval -- the text has no word of the model in it: `number` writes them all
  return new Function('x', 'n', 'w', 'y', loop) as Part;
}

function expression(node: TreeNode): string {
  if (typeof node === 'number') return number(node);
  const { feature, mode, split, missingIsYes, yes, no } = node;
  const value = `x[b+${number(feature)}]`;
  const test = missingIsYes
    ? `!(${value}${OPPOSITE[mode]}${number(split)})`
    : `${value}${mode}${number(split)}`;
  return `${test}?${expression(yes)}:${expression(no)}`;
}

/** In brackets, for negative numbers: `a<-1` is fine, but `a--1` is not. */
const number = (value: number): string => (value < 0 ? `(${value})` : `${value}`);
