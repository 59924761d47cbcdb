import type { Row } from '../inputs/input-check.js';
import type { Decision } from '../runners/decoder.js';
import type { RunTimes } from '../runners/run-times.js';
import type { Call } from './prediction.js';

/** Some rows of a call, which one run takes. */
export interface Part {
  readonly waiting: WaitingCall;
  readonly first: number;
  readonly rows: readonly Row[];
}

/** A call on its way through runs in other processes, which may end in any order: what was decided is kept until all is. */
export class WaitingCall {
  /** By row. */
  readonly decisions: Decision[] = [];
  /** Seconds that its runs took, all together. */
  readonly times: RunTimes = { encode: 0, run: 0, decode: 0 };
  /** When the first run began, on the monotonic clock, in milliseconds; 0: none has. */
  begun = 0;
  /** Whether a run that it shared has failed, so that it shares none any more. */
  isAlone = false;
  private taken = 0;
  private decided = 0;

  constructor(readonly call: Call) {}

  /** Rows that no run has taken yet. */
  get left(): number {
    return this.call.rows.length - this.taken;
  }

  get isDecided(): boolean {
    return this.decided === this.call.rows.length;
  }

  /** Takes the next rows, at most so many, for a run. */
  take(most: number): Part {
    const { rows } = this.call;
    const first = this.taken;
    this.taken = Math.min(rows.length, first + most);
    return {
      waiting: this,
      first,
      rows: this.taken - first === rows.length ? rows : rows.slice(first, this.taken),
    };
  }

  /** What a run that took `times` decided of the rows from `first` on. */
  decide(first: number, decisions: readonly Decision[], times: RunTimes): void {
    for (const [place, decision] of decisions.entries()) this.decisions[first + place] = decision;
    this.decided += decisions.length;
    this.times.encode += times.encode;
    this.times.run += times.run;
    this.times.decode += times.decode;
  }

  /** Has its rows, which a shared run took in vain, taken again by one of their own. */
  runAlone(): void {
    this.isAlone = true;
    this.taken = 0;
  }
}
