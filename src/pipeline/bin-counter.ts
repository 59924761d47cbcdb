import type { Baseline } from '../artifacts/baseline.js';
import type { Manifest } from '../artifacts/manifest.js';
import type { Row } from '../inputs/input-check.js';
import type { Decision } from '../runners/decoder.js';
import type { TextSizes } from '../runners/text-sizes.js';
import { cellOfFeature } from './feature-bins.js';
import { MarkingCode, type MarkRows } from './marking-code.js';
import { sumsOfConfidence, sumsOfWords } from './row-sums.js';

/** Rows that were counted one after another. */
export interface Block {
  /** When the first of them was counted, in milliseconds since 1970. */
  readonly at: number;
  readonly rows: number;
  /** By cell of the baseline. */
  readonly counts: Float64Array;
}

/** What looks after every block needs no shorter ones. */
const LEAST_ROWS = 25;
/** As many are kept apart; where more come, neighbours are added up, so that memory is bounded however long nobody takes them. */
const MOST_BLOCKS = 32;
/** Longer ones are not kept for the next batch. */
const KEPT_NUMBERS = 16_384;

/** Where the rows of one batch fall: so many numbers a row, one after another. */
export interface Marks {
  readonly list: Uint32Array;
  length: number;
}

/**
 * Counts the predicted rows of one version in the bins of its baseline. A batch marks its rows while they are at hand, and adds
 * the marks when the rows are recorded. Nothing is allocated for a row.
 */
export class BinCounter {
  private readonly markRows: MarkRows;
  /** Numbers of a row that are the cells of its features; behind them stand those of its sums. */
  private readonly cells: number;
  /** Cells that grow by a number that each row has: tokens of texts, and how sure answers are. */
  private readonly sums: readonly number[];
  private readonly numbersPerRow: number;
  private spare: Marks | undefined;
  /** Of all blocks, one after another; undefined until a row is counted. */
  private counts: Float64Array | undefined;
  private blocks: { at: number; rows: number }[] = [];
  private rowsPerBlock = LEAST_ROWS;

  constructor(
    readonly manifest: Manifest,
    readonly baseline: Baseline,
    private readonly texts: readonly TextSizes[] = [],
    private readonly now: () => number = () => Date.now(),
  ) {
    const code = new MarkingCode();
    const cells = baseline.features.map((feature) => cellOfFeature(feature, manifest, texts, code));
    const sums = [...sumsOfWords(baseline, texts, code), ...sumsOfConfidence(baseline, manifest)];
    this.markRows = code.compile([...cells, ...sums.map(({ of }) => code.number(of))]);
    this.cells = cells.length;
    this.sums = sums.map(({ cell }) => cell);
    this.numbersPerRow = cells.length + sums.length;
  }

  /** Marks for as many rows of one batch; nobody else's until they are added or dropped. */
  begin(rows: number): Marks {
    const { spare } = this;
    const numbers = rows * this.numbersPerRow;
    if (spare === undefined || spare.list.length < numbers)
      return { list: new Uint32Array(numbers), length: 0 };
    this.spare = undefined;
    return spare;
  }

  /** Marks rows that were encoded together: the last ones there were, or those that `decisions` came of elsewhere. */
  mark(marks: Marks, rows: readonly Row[], decisions: readonly Decision[]): void {
    for (const sizes of this.texts) sizes.recall(decisions);
    this.markRows(rows, decisions, marks.list, marks.length);
    marks.length += rows.length * this.numbersPerRow;
  }

  /** Counts the rows that were marked. */
  add(marks: Marks): void {
    const { list, length } = marks;
    for (let at = 0; at < length;) {
      const base = this.blockOfRow() * this.baseline.cells;
      const counts = this.counts!;
      for (const end = at + this.cells; at < end; at++) counts[base + list[at]!]! += 1;
      for (const cell of this.sums) counts[base + cell]! += list[at++]!;
    }
    this.drop(marks);
  }

  /** Forgets the rows that were marked: they are not recorded. */
  drop(marks: Marks): void {
    marks.length = 0;
    if (marks.list.length <= KEPT_NUMBERS) this.spare = marks;
  }

  /** What was counted since the last time, in order; at most 32 blocks. */
  take(): readonly Block[] {
    const { counts, blocks } = this;
    const { cells } = this.baseline;
    this.counts = undefined;
    this.blocks = [];
    this.rowsPerBlock = LEAST_ROWS;
    return blocks.map((block, index) => ({
      ...block,
      counts: counts!.subarray(index * cells, (index + 1) * cells),
    }));
  }

  /** The place of the block that the next row belongs to. */
  private blockOfRow(): number {
    let last = this.blocks.at(-1);
    if (last === undefined || last.rows === this.rowsPerBlock) {
      this.counts ??= new Float64Array(MOST_BLOCKS * this.baseline.cells);
      if (this.blocks.length === MOST_BLOCKS) this.addUpNeighbours(this.counts);
      last = { at: this.now(), rows: 0 };
      this.blocks.push(last);
    }
    last.rows++;
    return this.blocks.length - 1;
  }

  private addUpNeighbours(counts: Float64Array): void {
    const { cells } = this.baseline;
    const half = MOST_BLOCKS / 2;
    for (let block = 0; block < half; block++) {
      const from = 2 * block * cells;
      for (let cell = 0; cell < cells; cell++)
        counts[block * cells + cell] = counts[from + cell]! + counts[from + cells + cell]!;
    }
    counts.fill(0, half * cells);
    this.blocks = this.blocks
      .filter((_, index) => index % 2 === 0)
      .map(({ at, rows }) => ({ at, rows: 2 * rows }));
    this.rowsPerBlock *= 2;
  }
}
