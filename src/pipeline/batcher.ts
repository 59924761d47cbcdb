import { setImmediate as nextTurn } from 'node:timers/promises';
import { ReturnLine } from '../errors/return-line.js';
import { Answers, endedBefore } from './answers.js';
import type { Backlog } from './backlog.js';
import { Lanes } from './lane.js';
import { assertInTime } from './overload.js';
import { Pace } from './pace.js';
import { type Call, MAX_ROWS } from './prediction.js';
import type { Recorder } from './recorder.js';
import type { LocalRunner } from './runner.js';
import { TextBuffer } from './text-buffer.js';

/**
 * Puts the calls of one model version together: those of one turn of the event loop share a run and a write, and
 * nothing waits on a timer. A call that needs several runs takes a lane, and lets others in between its runs. Rows were
 * checked before; a shared run that fails all the same is run again call by call, so that one caller's fault is never
 * another's. Whose deadline has passed, or who has hung up, gets no run; one that has begun is not broken off.
 */
export class Batcher {
  /** What is sensible on the event loop follows from the size of the body alone. */
  readonly sensibleWait = 0;
  private waiting: Call[] = [];
  private waitingRows = 0;
  private waitingSeconds = 0;
  private readonly lines = new TextBuffer();
  private readonly lanes = new Lanes();
  private readonly answers: Answers;
  private readonly refused = new ReturnLine();

  constructor(
    private readonly runner: LocalRunner,
    private readonly recorder: Recorder,
    private readonly backlog: Backlog,
    private readonly pace = new Pace(),
  ) {
    this.answers = new Answers(recorder);
  }

  /**
   * Answers `call` when every row of it is recorded.
   * @throws PredictionLogUnavailable, PredictionLogFailed at once where nothing can be recorded; DeadlineExceeded, or
   * Overloaded where more waits than is done by the deadline of the call.
   */
  submit(call: Call): void {
    this.recorder.assertWritable();
    const seconds = call.rows.length * this.pace.secondsPerRow;
    const isLarge = call.rows.length > this.pace.rowsPerRun;
    assertInTime(call, this.backlog.wait(isLarge), seconds, this.refused);
    this.answers.enter();
    if (isLarge) this.enterLane(call, seconds);
    else this.enterQueue(call, seconds);
  }

  /** Resolves when every call that was submitted is answered. Nothing is submitted any more. */
  close(): Promise<void> {
    return this.answers.none();
  }

  /** Seconds of work that wait on the event loop before a call of so many body bytes, of all models. */
  seconds(bytes: number): number {
    return this.backlog.seconds(bytes);
  }

  /** Calls of a single run that wait for it. */
  get waitingCalls(): number {
    return this.waiting.length;
  }

  /** Seconds that a run of a single row takes. */
  get secondsPerRow(): number {
    return this.pace.secondsPerRow;
  }

  private enterQueue(call: Call, seconds: number): void {
    this.backlog.add(seconds, false);
    this.waitingSeconds += seconds;
    this.waitingRows += call.rows.length;
    if (this.waiting.push(call) === 1) setImmediate(() => this.flush());
  }

  private enterLane(call: Call, seconds: number): void {
    this.backlog.add(seconds, true);
    this.lanes.of(call.rows.length).enter(async (lines) => {
      this.backlog.take(seconds, true);
      await this.process(this.wanted([call]), lines, this.pace.rowsPerRun);
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
    void this.process(this.wanted(calls), this.lines, MAX_ROWS);
  }

  /** Answers those of `calls` that are not worth a run any more. @returns the others */
  private wanted(calls: readonly Call[]): readonly Call[] {
    const now = performance.now();
    if (calls.every((call) => endedBefore(call, now) === undefined)) return calls;
    return calls.filter((call) => {
      const end = endedBefore(call, now);
      if (end !== undefined) this.answers.fail(call, end);
      return end === undefined;
    });
  }

  /**
   * Without an await where one run takes all rows at once, so that `lines` is nobody else's until it is taken, and none at
   * all where records are written at once. While they are synced, the next batch runs.
   */
  private async process(calls: readonly Call[], lines: TextBuffer, rowsPerRun: number): Promise<void> {
    const [only] = calls;
    if (only === undefined) return;
    const rows = calls.length === 1 ? only.rows : calls.flatMap((call) => call.rows);
    const recording = this.recorder.begin(calls, lines);
    let first = 0;
    try {
      for (; first < rows.length; first += rowsPerRun) {
        if (first > 0) {
          await nextTurn();
          const end = endedBefore(only, performance.now());
          if (end !== undefined) throw end;
        }
        const some = rows.length <= rowsPerRun ? rows : rows.slice(first, first + rowsPerRun);
        const started = performance.now();
        recording.add(some, this.runner.run(some, recording.times));
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
      } else {
        for (const call of calls) this.answers.fail(call, error, first);
      }
      return;
    }
    for (const call of calls) this.answers.end(call, recording.timesOf(call));
  }
}
