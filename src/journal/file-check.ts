import { createHash } from 'node:crypto';
import { readErased } from './erased-line.js';
import { digestOf } from './line-digest.js';
import type { FileWords } from './seal-book.js';

/** The end of a record, as the recorder writes it. */
const END = /"previous":"([\w-]{43})","schema":\d+,"seq":(\d+)\}$/;
const END_LENGTH = 128;

/** What is wrong in a file: the first line that is not as it was written. */
export interface LineFault {
  readonly line: number;
  readonly what: string;
}

/** Compares the lines of one record file with each other, and with its head and its seal. */
export class FileCheck {
  fault: LineFault | undefined;
  erased = 0;
  private readonly all = createHash('sha256');
  private count = 0;
  /** Of the line before. */
  private digest: string | undefined;
  /** Line that does not go with the one before it: one of the two was changed. */
  private broken = 0;

  constructor(private readonly words: FileWords) {
    this.digest = words.head?.last;
  }

  /** Takes the next line. `end` is behind its last byte, the line feed not included. @returns whether it is an erased one. */
  take(bytes: Buffer, start: number, end: number): boolean {
    const line = ++this.count;
    const erased = readErased(bytes, start, end);
    const digest = erased?.digest ?? digestOf(bytes.subarray(start, end + 1));
    this.all.update(digest);
    if (erased !== undefined) this.erased++;
    const known = this.words.erased?.get(line);
    if (this.words.seal !== undefined && line > this.words.seal.count)
      this.tell(line, 'was added after the seal');
    else if (erased !== undefined && known === undefined)
      this.tell(line, 'is erased, and the ledger does not say so');
    else if (erased !== undefined && known!.digest !== digest)
      this.tell(line, 'is erased, with another digest');
    else if (erased === undefined && known !== undefined)
      this.tell(line, 'stands there, though the ledger has it as erased: run log erase again');
    else if (this.words.head !== undefined) {
      const said = erased ? { previous: known!.previous, seq: erased.seq } : endOf(bytes, start, end);
      this.follow(line, said);
    }
    this.digest = digest;
    return erased !== undefined;
  }

  /** The file is read. @param isTorn its last line has no line feed, or its bytes cannot be unpacked */
  end(isTorn: boolean): void {
    const { head, seal } = this.words;
    if (seal === undefined) return this.settle(false);
    if (isTorn) this.tell(Math.max(1, this.count), 'is torn');
    // An empty file has no last line.
    const isLast = this.count === 0 || this.digest === seal.last;
    this.settle(!isLast);
    if (this.count < seal.count) this.tell(this.count + 1, `is missing, as all up to line ${seal.count}`);
    else if (!isLast) this.tell(this.count, 'is not as it was written');
    if (this.fault === undefined && this.all.digest('base64url') !== seal.digests)
      this.tell(1, `or a later line is not as it was ${head === undefined ? 'sealed' : 'written'}`);
  }

  private follow(line: number, said: { previous: string | null; seq: number | null } | undefined): void {
    const expected = this.words.head!.lines + line;
    if (this.broken > 0) this.settle(said?.previous !== this.digest);
    if (said === undefined) return this.tell(line, 'is no record, or has lost its end');
    if (said.seq !== expected)
      return this.tell(
        line,
        `has the number ${said.seq} in the place of ${expected}: lines were removed, added or moved`,
      );
    if (said.previous === this.digest) return;
    if (line === 1) return this.tell(1, 'is not the first line of this file');
    this.broken = line;
  }

  /**
   * Two lines do not go together. If what follows does not vouch for the second either, it is that one: else the first.
   * @param isSecond whether that is so
   */
  private settle(isSecond: boolean): void {
    if (this.broken === 0) return;
    this.tell(isSecond ? this.broken : this.broken - 1, 'is not as it was written');
    this.broken = 0;
  }

  private tell(line: number, what: string): void {
    if (this.fault === undefined || line < this.fault.line) this.fault = { line, what };
  }
}

function endOf(bytes: Buffer, start: number, end: number): { previous: string; seq: number } | undefined {
  const text = bytes.toString('latin1', Math.max(start, end - END_LENGTH), end);
  const [, previous, seq] = END.exec(text) ?? [];
  return previous === undefined ? undefined : { previous, seq: Number(seq) };
}
