import type { Allowance } from './allowance.js';
import type { Identity, Rate } from './identity.js';
import { TokenBucket } from './token-bucket.js';

/** Fewer buckets than this are not looked through. */
const FEW = 1_024;

/** Rows that a caller was given, as one process tells it to another. */
export interface Given {
  readonly principal: string;
  readonly rate: Rate;
  readonly rows: number;
}

interface Kept {
  readonly principal: string;
  rate: Rate;
  readonly bucket: TokenBucket;
  /** Rows that were given here, and that nobody else has heard of. */
  untold: number;
}

/**
 * What each caller with a rate may still ask for. It is kept by the caller's name, so it outlasts a file of keys that is read
 * anew. A bucket that is full is as good as none, and goes when there are many: what is held is no more than those who have
 * asked lately.
 */
export class Rates {
  private readonly kept = new Map<string, Kept>();
  private readonly untold = new Set<Kept>();
  private sweepAt = FEW;

  /** @param isShared whether somebody asks for what was given here (`tell`) */
  constructor(
    private readonly isShared = false,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** How many are kept. */
  get size(): number {
    return this.kept.size;
  }

  /** null: he may ask for as much as he likes. */
  of({ principal, rate }: Identity): Allowance | null {
    return rate === undefined ? null : this.keep(principal, rate).bucket;
  }

  /** What was given since this was asked last. */
  tell(): Given[] {
    const told = Array.from(this.untold, ({ principal, rate, untold: rows }) => ({ principal, rate, rows }));
    for (const kept of this.untold) kept.untold = 0;
    this.untold.clear();
    return told;
  }

  /** Counts what other processes have given. */
  hear(given: readonly Given[]): void {
    for (const { principal, rate, rows } of given) {
      const known = this.kept.get(principal)?.rate;
      const same = known !== undefined && isSame(known, rate) ? known : rate;
      this.keep(principal, same).bucket.payElsewhere(rows);
    }
  }

  /** What a process that has given nothing must hear to know what is left of everything. */
  spent(): Given[] {
    return [...this.kept.values()]
      .map(({ principal, rate, bucket }) => ({ principal, rate, rows: rate.burst - bucket.left }))
      .filter(({ rows }) => rows > 0);
  }

  private keep(principal: string, rate: Rate): Kept {
    const known = this.kept.get(principal);
    if (known === undefined) return this.add(principal, rate);
    if (known.rate !== rate) {
      known.bucket.change(rate);
      known.rate = rate;
    }
    return known;
  }

  private add(principal: string, rate: Rate): Kept {
    if (this.kept.size >= this.sweepAt) this.sweep();
    const count = (rows: number): void => {
      this.untold.add(made);
      made.untold += rows;
    };
    const bucket = new TokenBucket(rate, this.now, this.isShared ? count : undefined);
    const made: Kept = { principal, rate, bucket, untold: 0 };
    this.kept.set(principal, made);
    return made;
  }

  private sweep(): void {
    for (const [principal, { bucket }] of this.kept) if (bucket.isFull) this.kept.delete(principal);
    this.sweepAt = Math.max(FEW, 2 * this.kept.size);
  }
}

const isSame = (one: Rate, other: Rate): boolean =>
  one.rowsPerSecond === other.rowsPerSecond && one.burst === other.burst;
