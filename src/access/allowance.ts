/**
 * What a caller may still ask for of this server, in rows. With several workers each keeps it for itself (`TokenBucket`), and hears a
 * tenth of a second later what the others have answered.
 */
export interface Allowance {
  /** How it is told in the header `RateLimit-Policy`; the same at every answer. */
  readonly policy: string;
  /** Rows that are left; below zero: those that have been answered and must be waited for. */
  readonly left: number;
  /** Whole seconds after which a call passes again, or passes still. */
  readonly seconds: number;
  /** Takes a row for a call that begins. @returns false where none is left: the call may not begin */
  begin(): boolean;
  /** Takes so many rows more for a call that has begun, whether they are left or not. */
  pay(rows: number): void;
}
