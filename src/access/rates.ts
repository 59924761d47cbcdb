import type { Allowance } from './allowance.js';
import type { Identity, Rate } from './identity.js';
import { TokenBucket } from './token-bucket.js';

/** Fewer buckets than this are not looked through. */
const FEW = 1_024;

/**
 * What each caller with a rate may still ask for. It is kept by the caller's name, so it outlasts a file of keys that is read
 * anew. A bucket that is full is as good as none, and goes when there are many: what is held is no more than those who have
 * asked lately.
 */
export class Rates {
  private readonly buckets = new Map<string, { rate: Rate; readonly bucket: TokenBucket }>();
  private sweepAt = FEW;

  constructor(private readonly now: () => number = () => performance.now()) {}

  /** How many are kept. */
  get size(): number {
    return this.buckets.size;
  }

  /** null: he may ask for as much as he likes. */
  of({ principal, rate }: Identity): Allowance | null {
    if (rate === undefined) return null;
    const known = this.buckets.get(principal);
    if (known === undefined) return this.add(principal, rate);
    if (known.rate !== rate) {
      known.bucket.change(rate);
      known.rate = rate;
    }
    return known.bucket;
  }

  private add(principal: string, rate: Rate): TokenBucket {
    if (this.buckets.size >= this.sweepAt) this.sweep();
    const bucket = new TokenBucket(rate, this.now);
    this.buckets.set(principal, { rate, bucket });
    return bucket;
  }

  private sweep(): void {
    for (const [principal, { bucket }] of this.buckets) if (bucket.isFull) this.buckets.delete(principal);
    this.sweepAt = Math.max(FEW, 2 * this.buckets.size);
  }
}
