import { FLOATS, type Floats, type Graph, type Outputs, type TensorData } from './graph.js';
import type { TreeEnsemble, TreeNode } from './tree-ensemble.js';

/** More in one function and V8 does not optimise it. */
const TREES_A_FUNCTION = 10;
/** What a missing value makes of a comparison is false, so where it goes to yes the opposite is asked. */
const OPPOSITE = { '<=': '>', '<': '>=', '>=': '<', '>': '<=' } as const;

/** Adds some trees' leaves to `sum`, for the row that begins at `base`. */
type Part = (x: Floats, base: number, sum: number) => number;

/** The sums of an ensemble as JavaScript, added in the order of the trees and rounded as the runtime does. */
export class TreeCode implements Graph {
  private readonly output: string;
  private readonly Sums: (typeof FLOATS)[TreeEnsemble['precision']];
  private readonly sumRows: (x: Floats, rows: number, width: number, sums: Floats) => void;

  /** The text is made of names of its own and of finite numbers. */
  constructor({ trees, precision, output }: TreeEnsemble) {
    this.output = output;
    this.Sums = FLOATS[precision];
    const round = precision === 'FP32' ? 'Math.fround' : '';
    const parts: Part[] = [];
    for (let first = 0; first < trees.length; first += TREES_A_FUNCTION) {
      const sums = trees
        .slice(first, first + TREES_A_FUNCTION)
        .map((tree) => `s=${round}(s+(${expression(tree)}));`);
      parts.push(compile('x', 'b', 's', `${sums.join('\n')}return s;`) as Part);
    }
    const names = parts.map((_, index) => `f${index}`);
    const body = names.map((name) => `s=${name}(x,b,s);`).join('');
    const loop = `return (x,n,w,y)=>{for(let r=0;r<n;r++){const b=r*w;let s=0;${body}y[r]=s;}}`;
    this.sumRows = (compile(...names, loop) as (...all: Part[]) => TreeCode['sumRows'])(...parts);
  }

  run([tensor]: readonly TensorData[]): Outputs {
    const { data, dims } = tensor!;
    const [rows = 0, width = 0] = dims;
    const sums = new this.Sums(rows);
    this.sumRows(data as Floats, rows, width, sums);
    return { [this.output]: sums };
  }

  release(): void {
    // Nothing is held outside of the heap.
  }
}

/** A function of the parameters that are named first, with the body that comes last. */
// oxlint-disable-next-line typescript/no-implied-eval -- the text has no word of the model in it: `number` writes them all
const compile = (...text: string[]): unknown => new Function(...text);

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
