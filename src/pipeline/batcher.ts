import { setImmediate as nextTurn } from 'node:timers/promises';
import { ClientGone, InvalidInput } from '../errors/errors.js';
import type { Row } from '../inputs/input-check.js';
import type { Decision } from '../runners/decoder.js';
import { NoFiniteAnswer } from '../runners/no-finite-answer.js';
import type { RunTimes } from '../runners/run-times.js';
import type { Backlog } from './backlog.js';
import { Lane } from './lane.js';
import { Pace } from './pace.js';
import { type Call, MAX_ROWS } from './prediction.js';
import type { Recorder } from './recorder.js';
import { TextBuffer } from './text-buffer.js';
import { wordless } from './wordless.js';

/** A call up to this size does not wait for larger ones. */
const MEDIUM_ROWS = 1_024;

/** Runs rows through a model: at once in this process, or by a promise from another one. */
export interface Runner {
  /**
   * @param deadline on the monotonic clock, in milliseconds: what can be ended then, is
   * @returns one decision per row, in order; `times` is added to.
   */
  run(
    rows: readonly Row[],
    times: RunTimes,
    deadline: number,
  ): readonly Decision[] | Promise<readonly Decision[]>;
}

/**
 * Puts the calls of one model version together: those of one turn of the event loop share a run and a write, and
 * nothing waits on a timer. A call that needs several runs takes a lane, and lets others in between its runs. Rows were
 * checked before; a shared run that fails all the same is run again call by call, so that one caller's fault is never
 * another's.
 */
export class Batcher {
  private waiting: Call[] = [];
  private waitingRows = 0;
  private waitingSeconds = 0;
  private unanswered = 0;
  private whenEmpty: (() => void) | undefined;
  private readonly lines = new TextBuffer();
  private readonly lanes = [new Lane(MEDIUM_ROWS), new Lane(MAX_ROWS)] as const;

  constructor(
    private readonly runner: Runner,
    private readonly recorder: Recorder,
    private readonly backlog: Backlog,
    private readonly pace = new Pace(),
  ) {}

  /**
   * Answers `call` when every row of it is recorded.
   * @throws PredictionLogUnavailable, PredictionLogFailed at once where nothing can be recorded.
   */
  submit(call: Call): void {
    this.recorder.assertWritable();
    const seconds = call.rows.length * this.pace.secondsPerRow;
    this.unanswered++;
    if (call.rows.length > this.pace.rowsPerRun) this.enterLane(call, seconds);
    else this.enterQueue(call, seconds);
  }

  /** Resolves when every call that was submitted is answered. Nothing is submitted any more. */
  close(): Promise<void> {
    return new Promise((resolve) => {
      if (this.unanswered === 0) resolve();
      else this.whenEmpty = resolve;
    });
  }

  private enterQueue(call: Call, seconds: number): void {
    this.backlog.add(seconds, false);
    this.waitingSeconds += seconds;
    this.waitingRows += call.rows.length;
    if (this.waiting.push(call) === 1) setImmediate(() => this.flush());
  }

  private enterLane(call: Call, seconds: number): void {
    const [medium, large] = this.lanes;
    const lane = call.rows.length <= medium.maximumRows ? medium : large;
    this.backlog.add(seconds, true);
    lane.enter(async (lines) => {
      this.backlog.take(seconds, true);
      if (call.caller.gone()) this.answer(call, new ClientGone());
      else await this.process([call], lines, this.pace.rowsPerRun);
    });
  }

  /** Takes from the front what fits into one run, and at least one call. */
  private flush(): void {
    let rows = 0;
    let count = 0;
    for (const call of this.waiting) {
      if (count > 0 && rows + call.rows.length > this.pace.rowsPerRun) break;
      rows += call.rows.length;
      count++;
    }
    const seconds = this.waitingSeconds * (rows / this.waitingRows);
    this.backlog.take(seconds, false);
    this.waitingSeconds -= seconds;
    this.waitingRows -= rows;
    const calls = this.waiting.splice(0, count);
    if (this.waiting.length > 0) setImmediate(() => this.flush());
    void this.process(calls, this.lines, MAX_ROWS);
  }

  /**
   * Without an await where one run takes all rows at once, so that `lines` is nobody else's until it is taken, and none at
   * all where records are written at once. While they are synced, the next batch runs.
   */
  private async process(calls: readonly Call[], lines: TextBuffer, rowsPerRun: number): Promise<void> {
    const rows = calls.length === 1 ? calls[0]!.rows : calls.flatMap((call) => call.rows);
    const recording = this.recorder.begin(calls, lines);
    const deadline = Math.min(...calls.map(({ caller }) => caller.deadline));
    let first = 0;
    try {
      for (; first < rows.length; first += rowsPerRun) {
        if (first > 0) await nextTurn();
        const some = rows.length <= rowsPerRun ? rows : rows.slice(first, first + rowsPerRun);
        const started = performance.now();
        const run = this.runner.run(some, recording.times, deadline);
        recording.add(some, run instanceof Promise ? await run : run);
        this.pace.measure(some.length, (performance.now() - started) / 1000);
        // Recorded, they are text: long ones would be held twice until the last run.
        if (some !== rows) (rows as unknown[]).fill(undefined, first, first + rowsPerRun);
      }
      const later = recording.commit();
      if (later !== undefined) await later;
    } catch (error) {
      recording.discard();
      // What keeps every record from being written is no call's fault, so none of them is tried alone.
      if (calls.length > 1 && this.recorder.isWritable) {
        for (const call of calls) void this.process([call], lines, MAX_ROWS);
      } else if (error instanceof NoFiniteAnswer) {
        this.recorder.refuse();
        for (const call of calls) this.answer(call, overflow(call, first + error.row));
      } else {
        this.recorder.fail(rows.length);
        const told = this.recorder.hides ? wordless(error) : error;
        for (const call of calls) this.answer(call, told);
      }
      return;
    }
    for (const call of calls) this.answer(call);
  }

  private answer({ reply }: Call, error?: unknown): void {
    try {
      if (error === undefined) reply.end();
      else reply.fail(error);
    } catch (fault) {
      reply.fail(fault);
    }
    if (--this.unanswered === 0) this.whenEmpty?.();
  }
}

/** What tells a caller that the model has no answer to one of his rows, which is legal all the same. */
function overflow({ place }: Call, row: number): InvalidInput {
  const detail = 'the model overflows on these numbers and has no finite answer; send smaller ones';
  return new InvalidInput([place({ pointer: '', code: 'no_finite_answer', detail }, row)]);
}
