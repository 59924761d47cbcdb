import { createHash } from 'node:crypto';
import { DIGEST_LENGTH } from './line-digest.js';

/** So many characters are hashed at once: each call has a price of its own. */
const PIECE = 8_192;

/** What a seal says of the lines in a file. */
export interface LinesSeal {
  /** How many there are. */
  readonly count: number;
  /** Digest of the last line; where there is none, what the first would say of the line before it. */
  readonly last: string;
  /** Digest of the digests of all lines, one behind the other without a gap. */
  readonly digests: string;
}

/** The lines that stand in one file: their number and digests, kept as they are written. */
export class WrittenLines {
  private readonly all = createHash('sha256');
  private waiting = '';
  private count = 0;

  /** @param lines number of the line before the first; @param last what the first says of it */
  constructor(
    public lines: number,
    public last: string,
  ) {}

  /** Takes in lines that were written, by their digests one behind the other. */
  add(records: number, digests: string): void {
    this.lines += records;
    this.count += records;
    this.last = lastOf(digests, this.last);
    this.waiting += digests;
    if (this.waiting.length >= PIECE) this.take();
  }

  seal(): LinesSeal {
    this.take();
    return { count: this.count, last: this.last, digests: this.all.copy().digest('base64url') };
  }

  private take(): void {
    this.all.update(this.waiting);
    this.waiting = '';
  }
}

/** The last of digests that stand one behind the other; `before` where there is none. */
export function lastOf(digests: string, before: string): string {
  return digests === '' ? before : digests.slice(-DIGEST_LENGTH);
}
