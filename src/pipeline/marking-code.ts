import type { Row } from '../inputs/input-check.js';
import type { Decision } from '../runners/decoder.js';

/**
 * Writes the numbers of rows into `list`, from `at` on: of each row the cells of its features, then what it adds to the cells
 * of sums. The rows are those that were encoded together last.
 */
export type MarkRows = (
  rows: readonly Row[],
  decisions: readonly Decision[],
  list: Uint32Array,
  at: number,
) => void;

/**
 * Makes a function that has a line for each number of a row. A loop over the names of twenty inputs costs more to look them
 * up in a row (0.3 µs) than all the rest; here V8 knows at each line where the value lies. A line knows the `row`, its
 * `decision` with its `score`, and its `place` among the rows.
 */
export class MarkingCode {
  /** Upper edges of the bins of all numbers, one after another. */
  private readonly upper: number[] = [];
  private readonly constants: unknown[] = [];

  /** What stands for a value that is not written into the text, such as a name of the model. */
  constant(value: unknown): string {
    return `c${this.constants.push(value) - 1}`;
  }

  /** The line that writes `value`, a whole number. */
  number(value: string): string {
    return `list[at++]=${value};`;
  }

  /**
   * The line that writes the bin of `value`, counted from `start`, or `missing` where it is no number. The bin is found by
   * halving without a branch, which no processor foretells.
   */
  bin(value: string, edges: readonly number[], start: number, missing: number): string {
    const first = this.upper.length;
    const size = 2 ** Math.ceil(Math.log2(edges.length + 1));
    this.upper.push(...edges, ...Array.from({ length: size - edges.length }, () => Infinity));
    const halves = Array.from({ length: Math.log2(size) }, (_, step) => size >> (step + 1));
    const search = halves.map((half) => `b+=(upper[b+${half - 1}]<v)*${half};`).join('');
    const found = `{let b=${first};${search}list[at++]=b+${start - first};}`;
    return `{const v=${value};if(typeof v==='number')${found}else list[at++]=${missing};}`;
  }

  /** The function that has these lines for each row. */
  compile(lines: readonly string[]): MarkRows {
    const names = this.constants.map((_, index) => `c${index}`);
    const text = `const [${names.join()}]=constants;
      return (rows, decisions, list, at) => {
        for (let place = 0; place < rows.length; place++) {
          const row = rows[place], decision = decisions[place], score = decision.score;
          ${lines.join('\n')}
        }
      };`;
    // oxlint-disable-next-line typescript/no-implied-eval -- the text has no word of the model in it, only places in lists
    const make = new Function('constants', 'upper', text) as (
      constants: readonly unknown[],
      upper: Float64Array,
    ) => MarkRows;
    return make(this.constants, Float64Array.from(this.upper));
  }
}
