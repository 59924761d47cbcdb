/** A file that lines can be made for: numbered from `lines + 1` on, the first with the digest of the line before it. */
export interface NumberedFile {
  readonly lines: number;
  /** Digest of the line before the next one; of a file without lines, a text of its own in its place. */
  readonly last: string;
}

/** The records of one model. Which of the two there is follows from the durability. */
export interface RecordLog {
  readonly model: string;
  /** Whether this model's own folder refuses, while others may go on. */
  readonly isOut: boolean;
  readonly isWritable: boolean;
  /** @throws PredictionLogUnavailable, PredictionLogFailed while nothing can be recorded: asked before a model runs in vain. */
  assertWritable(): void;
  /**
   * A file of today, nobody else's until lines are appended or it is given back.
   * @throws PredictionLogUnavailable if there is none.
   */
  take(now?: number): NumberedFile;
  /**
   * Records whole lines (each ends in a line feed), numbered on from those of `file`, and gives the file back. `lines` is
   * copied where it is kept, and `digests` has the digest of each, one behind the other.
   * @returns the seconds that it took; a promise of them where the lines are not recorded yet.
   * @throws PredictionLogUnavailable, PredictionLogFailed if they could not be written; then none of them is in the file.
   */
  append(file: NumberedFile, lines: Buffer, records: number, digests: string): number | Promise<number>;
  /** Nothing was appended. */
  giveBack(file: NumberedFile): void;
  /** Records what waits, and closes the files. */
  end(): void | Promise<void>;
}
