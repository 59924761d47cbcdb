import { MAX_ROWS } from './prediction.js';
import { TextBuffer } from './text-buffer.js';

/** A call up to this size does not wait for larger ones. */
const MEDIUM_ROWS = 1_024;
/** What the record of a row of an ordinary table takes, and a quarter more. */
const BYTES_PER_RECORD = 800;

/** Of each size: runs are taken one at a time, and another may wait for the disk meanwhile. */
const MOST_SPARE = 2;

/** By the size of the lane, memory of lanes that are empty: to touch new memory costs more than to write it out. */
const spare = new Map<number, TextBuffer[]>();

/**
 * Where calls that need several runs of the model go one after another: what a call holds is garbage sooner so, and
 * two of a size are answered after one and two times, not both after two.
 */
export class Lane {
  private before: Promise<void> = Promise.resolve();
  private readonly spare: TextBuffer[];

  /** `maximumRows`: the largest call that belongs here. */
  constructor(readonly maximumRows: number) {
    this.spare = spare.get(maximumRows) ?? [];
    spare.set(maximumRows, this.spare);
  }

  /**
   * Does `work`, which must not fail, when all that entered before is done. `lines` are nobody else's until it is done;
   * lanes of other models have them then, as each of a thousand would hold megabytes of its own.
   */
  enter(work: (lines: TextBuffer) => Promise<void>): void {
    this.before = this.before.then(async () => {
      const lines = this.spare.pop() ?? new TextBuffer(this.maximumRows * BYTES_PER_RECORD);
      await work(lines);
      if (this.spare.length < MOST_SPARE) this.spare.push(lines);
    });
  }
}

/** Those of one model. */
export class Lanes {
  private readonly medium = new Lane(MEDIUM_ROWS);
  private readonly large = new Lane(MAX_ROWS);

  /** Where a call of so many rows belongs. */
  of(rows: number): Lane {
    return rows <= MEDIUM_ROWS ? this.medium : this.large;
  }
}
