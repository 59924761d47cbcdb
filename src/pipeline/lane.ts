import { TextBuffer } from './text-buffer.js';

/** What the record of a row of an ordinary table takes, and a quarter more. */
const BYTES_PER_RECORD = 800;

/**
 * Where calls that need several runs of the model go one after another: what a call holds is garbage sooner so, and
 * two of a size are answered after one and two times, not both after two.
 */
export class Lane {
  /** Kept from one call to the next: to touch new memory costs more than to write it out. */
  readonly lines: TextBuffer;
  private before: Promise<void> = Promise.resolve();

  /** `maximumRows`: the largest call that belongs here. */
  constructor(readonly maximumRows: number) {
    this.lines = new TextBuffer(maximumRows * BYTES_PER_RECORD);
  }

  /** Does `work`, which must not fail, when all that entered before is done. */
  enter(work: () => Promise<void>): void {
    this.before = this.before.then(work);
  }
}
