import type { Part, WaitingCall } from './waiting-call.js';

/** A call of up to so many runs does not wait for larger ones. */
const MEDIUM_RUNS = 8;

/** Calls of about one size, in their order. */
interface SizeQueue {
  readonly calls: WaitingCall[];
  /** That no run has taken yet. */
  rows: number;
}

/**
 * What waits for runs that are done in other processes, several at a time. Calls that fit into one run, those of a few runs and
 * large ones wait in their own order, and the three have their turns one after another: no size waits for all of another.
 */
export class RunQueue {
  private readonly sizes: readonly SizeQueue[] = Array.from({ length: 3 }, () => ({ calls: [], rows: 0 }));
  private readonly sizeOf = new Map<WaitingCall, SizeQueue>();
  private turn = 0;

  add(waiting: WaitingCall, rowsPerRun: number): void {
    this.enter(waiting, this.queueOf(waiting.left, rowsPerRun), 'push');
  }

  /** Has a small call that has waited already be the next of its size. */
  addFirst(waiting: WaitingCall): void {
    this.enter(waiting, this.sizes[0]!, 'unshift');
  }

  /** Takes out a call, or what is left of it; nothing happens where nothing is. */
  remove(waiting: WaitingCall): void {
    const size = this.sizeOf.get(waiting);
    if (size === undefined) return;
    size.calls.splice(size.calls.indexOf(waiting), 1);
    size.rows -= waiting.left;
    this.sizeOf.delete(waiting);
  }

  /**
   * What the next run takes: small calls that fit into it together, or the next rows of a larger one.
   * @param free processes that are free: calls are spread over them before they share a run
   * @returns undefined where nothing waits
   */
  next(rowsPerRun: number, free: number): readonly Part[] | undefined {
    for (let size = 0; size < this.sizes.length; size++) {
      const at = (this.turn + size) % this.sizes.length;
      const { calls } = this.sizes[at]!;
      if (calls.length === 0) continue;
      this.turn = at + 1;
      return at > 0
        ? [this.take(calls[0]!, rowsPerRun)]
        : this.takeSmall(calls, rowsPerRun, Math.ceil(calls.length / free));
    }
    return undefined;
  }

  /** Calls that wait, or of which something does. */
  get calls(): number {
    return this.sizeOf.size;
  }

  /** Rows that are run before the first of a call of `rows` that came now. */
  rowsBefore(rows: number, rowsPerRun: number): number {
    const own = this.queueOf(rows, rowsPerRun);
    let before = own.rows;
    // Each other size has one run for each run of its own.
    for (const other of this.sizes) if (other !== own) before += Math.min(other.rows, own.rows + rowsPerRun);
    return before;
  }

  private queueOf(rows: number, rowsPerRun: number): SizeQueue {
    return this.sizes[rows <= rowsPerRun ? 0 : rows <= MEDIUM_RUNS * rowsPerRun ? 1 : 2]!;
  }

  private enter(waiting: WaitingCall, size: SizeQueue, how: 'push' | 'unshift'): void {
    size.calls[how](waiting);
    size.rows += waiting.left;
    this.sizeOf.set(waiting, size);
  }

  private take(waiting: WaitingCall, most: number): Part {
    const size = this.sizeOf.get(waiting)!;
    const part = waiting.take(most);
    size.rows -= part.rows.length;
    if (waiting.left === 0) {
      size.calls.shift();
      this.sizeOf.delete(waiting);
    }
    return part;
  }

  /** From the front, and at least one. */
  private takeSmall(calls: readonly WaitingCall[], rowsPerRun: number, most: number): readonly Part[] {
    const parts: Part[] = [];
    let rows = 0;
    let isAlone = false;
    while (parts.length < most && calls.length > 0 && !isAlone) {
      const next = calls[0]!;
      if (parts.length > 0 && (next.isAlone || rows + next.left > rowsPerRun)) break;
      rows += next.left;
      isAlone = next.isAlone;
      parts.push(this.take(next, next.left));
    }
    return parts;
  }
}
