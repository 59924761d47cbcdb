import { ClientGone, DeadlineExceeded } from '../errors/errors.js';
import { ReturnLine } from '../errors/return-line.js';
import type { Decision } from '../runners/decoder.js';
import { Answers } from './answers.js';
import { SMALL_BYTES } from './backlog.js';
import { DecidedCalls } from './decided-calls.js';
import { OpenCalls } from './open-calls.js';
import { assertInTime } from './overload.js';
import type { Pace } from './pace.js';
import { type Call, MAX_ROWS } from './prediction.js';
import type { Recorder } from './recorder.js';
import { RunQueue } from './run-queue.js';
import type { Runner } from './runner.js';
import { type Part, WaitingCall } from './waiting-call.js';

/** A run is not ended before: to end it costs its process, and a new one takes about as long to come. */
const LEAST_RUN_MS = 500;
/** A run that is under way, and when it is likely to end and had begun, in milliseconds. */
interface UnderWay {
  readonly parts: readonly Part[];
  readonly begun: number;
  readonly endsAt: number;
  readonly abandoned: AbortController;
  /** Goes off when it is ended because nobody waits for it any more. */
  ending?: NodeJS.Timeout;
}

/** A call may wait for so long, or for so many times what its own runs take. */
const SENSIBLE_SECONDS = 0.5;
const SENSIBLE_RUNS = 8;

/**
 * Puts the calls of a model together whose runs are done in other processes, several at a time; the event loop only waits for
 * them. Small calls share a run where more wait than processes are free. Whoever hangs up or may not wait any longer is
 * answered at once, also in the middle of a run; the others of that run go on. Rows are recorded when all of a call are
 * decided, so that no memory and no record file is held for as long as a slow model runs.
 */
export class ParallelBatcher {
  /** In which those stand who are refused. */
  readonly line = new ReturnLine();
  private readonly queue = new RunQueue();
  private readonly underWay = new Set<UnderWay>();
  private readonly answers: Answers;
  private readonly open: OpenCalls;
  private readonly decided: DecidedCalls;

  constructor(
    private readonly runner: Runner,
    private readonly recorder: Recorder,
    private readonly pace: Pace,
  ) {
    this.answers = new Answers(recorder);
    this.open = new OpenCalls(this.answers, (waiting) => {
      this.queue.remove(waiting);
      this.abandon();
    });
    this.decided = new DecidedCalls(recorder, this.answers);
  }

  /**
   * Answers `call` when every row of it is recorded.
   * @throws PredictionLogUnavailable, PredictionLogFailed at once where nothing can be recorded; DeadlineExceeded, or
   * Overloaded where more waits than is done by the deadline of the call, or than its own runs are worth.
   */
  submit(call: Call): void {
    this.recorder.assertWritable();
    const rows = call.rows.length;
    const work = rows * this.secondsPerRow;
    const own = rows > this.pace.rowsPerRun ? work / this.parallel : work;
    assertInTime(call, this.wait(rows), own, this.line, sensibleWait(own));
    this.answers.enter();
    const waiting = new WaitingCall(call);
    this.open.add(waiting);
    this.queue.add(waiting, this.pace.rowsPerRun);
    // Those of this turn are dealt out together.
    if (this.underWay.size < this.parallel) setImmediate(() => this.dispatch());
  }

  /** Resolves when every call that was submitted is answered, and no run is under way. Nothing is submitted any more. */
  close(): Promise<void> {
    return this.answers.none();
  }

  /** Calls that wait for a process. */
  get waitingCalls(): number {
    return this.queue.calls;
  }

  /** Seconds that a run of a single row takes. */
  get secondsPerRow(): number {
    return this.pace.secondsPerRow;
  }

  /** Seconds that the smallest call may wait. */
  get sensibleWait(): number {
    return sensibleWait(this.secondsPerRow);
  }

  /** Seconds before a call of so many body bytes begins: of a large body the rows are taken to be many. */
  seconds(bytes: number): number {
    return this.wait(bytes > SMALL_BYTES ? MAX_ROWS : 1);
  }

  /** Seconds before a call of so many rows begins. */
  wait(rows: number): number {
    if (this.underWay.size < this.parallel) return 0;
    const soonest = Math.min(...Array.from(this.underWay, ({ endsAt }) => endsAt)) - performance.now();
    const before = this.queue.rowsBefore(rows, this.pace.rowsPerRun);
    return Math.max(0, soonest) / 1_000 + (before * this.secondsPerRow) / this.parallel;
  }

  private get parallel(): number {
    return this.runner.parallel ?? 1;
  }

  /** Begins as many runs as there are free processes. */
  private dispatch(): void {
    for (;;) {
      const free = this.parallel - this.underWay.size;
      const parts = free > 0 ? this.queue.next(this.pace.rowsPerRun, free) : undefined;
      if (parts === undefined) return;
      const now = performance.now();
      for (const { waiting } of parts) this.open.failIfInVain(waiting, now);
      const wanted = parts.filter(({ waiting }) => this.open.has(waiting));
      if (wanted.length > 0) void this.run(wanted);
    }
  }

  private async run(parts: readonly Part[]): Promise<void> {
    const rows = parts.length === 1 ? parts[0]!.rows : parts.flatMap((part) => part.rows);
    const begun = performance.now();
    for (const { waiting } of parts) waiting.begun ||= begun;
    const endsAt = begun + rows.length * this.secondsPerRow * 1_000;
    const underWay: UnderWay = { parts, begun, endsAt, abandoned: new AbortController() };
    this.underWay.add(underWay);
    this.answers.enter();
    // Each call hears of its own deadline; the run is worth while for as long as for one of them.
    const last = Math.max(...parts.map(({ waiting }) => waiting.call.caller.deadline));
    const times = { encode: 0, run: 0, decode: 0 };
    let decisions: readonly Decision[] | undefined;
    let fault: unknown;
    try {
      const { signal } = underWay.abandoned;
      decisions = await this.runner.run(rows, times, Math.max(last, begun + LEAST_RUN_MS), signal);
    } catch (error) {
      fault = error;
    }
    this.underWay.delete(underWay);
    clearTimeout(underWay.ending);
    const seconds = (performance.now() - begun) / 1_000;
    const wasEnded = fault instanceof DeadlineExceeded || fault instanceof ClientGone;
    const isTooSlow = wasEnded && seconds > rows.length * this.secondsPerRow;
    if (decisions !== undefined || isTooSlow) this.pace.measure(rows.length, seconds);
    // Before anything of a call that has failed is begun, but while the rows of one that has not are recorded.
    if (decisions === undefined) this.fail(parts, fault);
    this.dispatch();
    if (decisions !== undefined) this.decide(parts, decisions, times);
    this.answers.leave();
  }

  /** Ends the runs for which nobody waits any more. */
  private abandon(): void {
    for (const run of this.underWay) {
      if (run.parts.some(({ waiting }) => this.open.has(waiting))) continue;
      const left = run.begun + LEAST_RUN_MS - performance.now();
      run.ending ??= setTimeout(() => run.abandoned.abort(), Math.max(0, left));
    }
  }

  private decide(parts: readonly Part[], decisions: readonly Decision[], times: WaitingCall['times']): void {
    let row = 0;
    for (const { waiting, first, rows } of parts) {
      waiting.decide(first, decisions.slice(row, row + rows.length), times);
      row += rows.length;
    }
    const whole = parts.flatMap(({ waiting }) =>
      waiting.isDecided && this.open.end(waiting) ? [waiting] : [],
    );
    if (whole.length > 0) this.decided.add(whole);
  }

  /** Where calls that shared it are left, each is run again alone: one caller's fault is never another's. */
  private fail(parts: readonly Part[], error: unknown): void {
    const left = parts.filter(({ waiting }) => this.open.has(waiting));
    if (parts.length === 1) {
      for (const { waiting, first } of left) this.open.fail(waiting, error, first);
      return;
    }
    for (const { waiting } of left.toReversed()) {
      waiting.runAlone();
      this.queue.addFirst(waiting);
    }
  }
}

const sensibleWait = (own: number): number => Math.max(SENSIBLE_SECONDS, SENSIBLE_RUNS * own);
