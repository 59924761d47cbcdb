import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Answers } from './answers.js';
import { Lanes } from './lane.js';
import type { Recorder } from './recorder.js';
import { TextBuffer } from './text-buffer.js';
import type { WaitingCall } from './waiting-call.js';

/** So many rows are recorded in one turn of the event loop. */
const ROWS_PER_TURN = 128;

/** Records calls of which every row is decided, and answers them then. */
export class DecidedCalls {
  /** Nobody's when a turn of the event loop begins. */
  private readonly lines = new TextBuffer();
  private readonly lanes = new Lanes();

  constructor(
    private readonly recorder: Recorder,
    private readonly answers: Answers,
  ) {}

  /** Takes a larger call, or small ones that shared a run and are one write therefore. */
  add(calls: readonly WaitingCall[]): void {
    const rows = calls.reduce((sum, { decisions }) => sum + decisions.length, 0);
    if (rows <= ROWS_PER_TURN) void this.record(calls, this.lines);
    else this.lanes.of(rows).enter((lines) => this.record(calls, lines));
  }

  /** Without an await until they are written where all rows are recorded in one turn, so that `lines` is nobody else's. */
  private async record(waiting: readonly WaitingCall[], lines: TextBuffer): Promise<void> {
    const { begun, times } = waiting[0]!;
    const calls = waiting.map(({ call }) => call);
    const recording = this.recorder.begin(calls, lines, begun, times);
    try {
      for (const { call, decisions } of waiting) {
        for (let first = 0; first < decisions.length; first += ROWS_PER_TURN) {
          if (first > 0) await nextTurn();
          const end = first + ROWS_PER_TURN;
          recording.add(call.rows.slice(first, end), decisions.slice(first, end));
        }
      }
      const later = recording.commit();
      if (later !== undefined) await later;
    } catch (error) {
      recording.discard();
      // One that does not fit on the disk refuses nobody else.
      if (waiting.length > 1 && this.recorder.isWritable) for (const each of waiting) this.add([each]);
      else for (const call of calls) this.answers.fail(call, error);
      return;
    }
    for (const call of calls) this.answers.end(call, recording.timesOf(call));
  }
}
