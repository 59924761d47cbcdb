import type { Allowance } from './allowance.js';
import type { Rate } from './identity.js';

/**
 * Rows that come in at a rate, as many as the burst at most. A call begins while any are left; its rows are known later, so
 * a batch may be larger than what is left, and is then waited for. The clock is the monotonic one, in milliseconds.
 */
export class TokenBucket implements Allowance {
  policy: string;
  private rows: number;
  private at: number;

  constructor(
    private rate: Rate,
    private readonly now: () => number = () => performance.now(),
    /** Hears of the rows that are taken here. */
    private readonly taken: (rows: number) => void = () => undefined,
  ) {
    this.policy = policyOf(rate);
    this.rows = rate.burst;
    this.at = now();
  }

  get left(): number {
    const now = this.now();
    const { rowsPerSecond, burst } = this.rate;
    this.rows = Math.min(burst, this.rows + ((now - this.at) / 1_000) * rowsPerSecond);
    this.at = now;
    return this.rows;
  }

  get seconds(): number {
    // One more than what is owed takes: at zero no call passes yet.
    return Math.floor(Math.max(0, -this.left) / this.rate.rowsPerSecond) + 1;
  }

  /** As one that nobody has asked anything of. */
  get isFull(): boolean {
    return this.left === this.rate.burst;
  }

  begin(): boolean {
    if (this.left <= 0) return false;
    this.rows--;
    this.taken(1);
    return true;
  }

  pay(rows: number): void {
    this.payElsewhere(rows);
    this.taken(rows);
  }

  /** As `pay`, for rows that another process has answered. */
  payElsewhere(rows: number): void {
    this.rows = this.left - rows;
  }

  /** Fills at another rate from now on. What was asked for before stays asked for. */
  change(rate: Rate): void {
    this.rows = Math.min(this.left, rate.burst);
    this.rate = rate;
    this.policy = policyOf(rate);
  }
}

/** So many rows (or calls that predict nothing) in so many seconds, which are whole ones by the draft of the header. */
const policyOf = ({ rowsPerSecond, burst }: Rate): string =>
  `"rows";q=${Math.floor(burst)};w=${Math.max(1, Math.ceil(burst / rowsPerSecond))}`;
