import type { Manifest } from '../artifacts/manifest.js';
import type { Row } from '../inputs/input-check.js';
import type { NumberedFile, RecordLog } from '../journal/record-log.js';
import { digestOf } from '../journal/line-digest.js';
import { newId, newSalt } from '../observability/ids.js';
import type { Decision } from '../runners/decoder.js';
import type { Decided } from '../runners/outcome.js';
import type { BinCounter, Marks } from './bin-counter.js';
import type { RunTimes } from '../runners/run-times.js';
import type { Call, CallTimes, Caller } from './prediction.js';
import type { VersionCounts } from './prediction-metrics.js';
import { AnswerTexts, RecordedPrediction } from './recorded-prediction.js';
import { RecordedRows } from './recorded-rows.js';
import type { TextBuffer } from './text-buffer.js';

/** Version of the form of a record. A field that is added leaves it as it is; one that goes or changes its meaning does not. */
const SCHEMA = 1;
const NOTHING_RAN: RunTimes = { encode: 0, run: 0, decode: 0 };

/** Records the predictions of one model version, counts them, and tells the replies. */
export class Recorder {
  readonly answers: AnswerTexts;
  /** What every record of the version says of the model. */
  readonly model: string;

  constructor(
    manifest: Manifest,
    digest: string,
    readonly log: RecordLog,
    readonly counts: VersionCounts,
    /** Where the version has a baseline that its rows are compared with. */
    readonly bins?: BinCounter,
    /** What is kept of its rows. */
    readonly rows = RecordedRows.WHOLE,
  ) {
    const { model, version } = manifest;
    this.answers = new AnswerTexts(manifest, rows.hidden);
    const hidden = rows.hidden.size > 0 && { hidden: Object.fromEntries(rows.hidden) };
    this.model = JSON.stringify({ model, version, sha256: digest, ...hidden }).slice(1, -1);
  }

  /** @throws PredictionLogUnavailable, PredictionLogFailed while nothing can be recorded: asked before a model runs in vain. */
  assertWritable(): void {
    this.log.assertWritable();
  }

  /** Whether some inputs of its rows are hidden. */
  get hides(): boolean {
    return this.rows.hidden.size > 0;
  }

  get isWritable(): boolean {
    return this.log.isWritable;
  }

  /**
   * Begins the record of calls that share their runs, which began at `begun` on the monotonic clock and took `ran` until now.
   * `lines` belongs to it until it is committed or discarded.
   */
  begin(calls: readonly Call[], lines: TextBuffer, begun = performance.now(), ran = NOTHING_RAN): Recording {
    return new Recording(this, calls, lines, begun, ran);
  }

  /** Counts a call that was refused for one of its rows. */
  refuse(): void {
    this.counts.outcomes.invalid++;
  }

  /** Counts rows that got no prediction. */
  fail(rows: number): void {
    this.counts.outcomes.error += rows;
  }
}

/** The records of calls that share a run, from the first row to the file; their replies hear of each row on the way. */
export class Recording {
  /** Seconds that the stages took so far. */
  readonly times: RunTimes & { record: number };
  private readonly marks: Marks | undefined;
  private rows = 0;
  /** Of the rows that have one. */
  private readonly scores: number[] = [];
  /** One for each row and target; -1 for a regression. */
  private readonly classIndexes: number[] = [];
  private call = 0;
  private rowOfCall = 0;
  /** Nobody else's until the lines are in it, so that their numbers are known when they are written down. */
  private file: NumberedFile | undefined;
  private seq = 0;
  /** Digest of the line before the next one. */
  private previous = '';
  /** Of the lines so far; joined at the end, as a text that grows by small ones costs twice as much. */
  private readonly digests: string[] = [];

  constructor(
    private readonly recorder: Recorder,
    private readonly calls: readonly Call[],
    private readonly lines: TextBuffer,
    private readonly begun: number,
    { encode, run, decode }: RunTimes,
  ) {
    this.times = { encode, run, decode, record: 0 };
    recorder.counts.stages.queue.observe((begun - calls[0]!.accepted) / 1000);
    let expected = 0;
    for (const { reply, rows } of calls) {
      reply.begin(rows.length);
      expected += rows.length;
    }
    this.marks = recorder.bins?.begin(expected);
  }

  /**
   * Takes the next rows, in the order of the calls, with what the model decided. What stays of them is text.
   * @throws PredictionLogUnavailable if there is no file for them.
   */
  add(rows: readonly Row[], decisions: readonly Decision[]): void {
    const started = performance.now();
    if (this.file === undefined) {
      this.file = this.recorder.log.take();
      this.seq = this.file.lines;
      this.previous = this.file.last;
    }
    const time = new Date().toISOString();
    for (let row = 0; row < rows.length;) {
      const call = this.calls[this.call]!;
      const frame = this.frame(call.caller, time, (started - call.accepted) * 1000);
      const end = Math.min(rows.length, row + call.rows.length - this.rowOfCall);
      for (; row < end; row++, this.rowOfCall++) this.write(call, frame, rows[row]!, decisions[row]!);
      if (this.rowOfCall < call.rows.length) break;
      this.call++;
      this.rowOfCall = 0;
    }
    if (this.marks !== undefined) this.recorder.bins!.mark(this.marks, rows, decisions);
    this.times.record += (performance.now() - started) / 1000;
  }

  /**
   * Appends the records and counts them.
   * @returns a promise where they are not recorded yet, as at durability `synced`; nobody waits for one otherwise.
   * @throws PredictionLogUnavailable, PredictionLogFailed: then none of them is in the file.
   */
  commit(): Promise<void> | undefined {
    const file = this.file!;
    this.file = undefined;
    const seconds = this.recorder.log.append(file, this.lines.take(), this.rows, this.digests.join(''));
    if (typeof seconds !== 'number') return seconds.then((later) => this.count(later));
    this.count(seconds);
    return undefined;
  }

  /** What one of its calls spent until now: it has all runs and the whole record in common with the others. */
  timesOf({ accepted }: Call): CallTimes {
    const { encode, run, decode, record } = this.times;
    return { queue: (this.begun - accepted) / 1000, run: encode + run + decode, record };
  }

  /** Forgets the lines that were not appended. */
  discard(): void {
    if (this.marks !== undefined) this.recorder.bins!.drop(this.marks);
    if (this.file === undefined) return;
    this.lines.take();
    this.recorder.log.giveBack(this.file);
  }

  private count(seconds: number): void {
    const { counts } = this.recorder;
    const { rows } = this;
    this.times.record += seconds;
    counts.stages.encode.observe(this.times.encode);
    counts.stages.run.observe(this.times.run);
    counts.stages.decode.observe(this.times.decode);
    counts.stages.record.observe(this.times.record);
    counts.batchRows.observe(rows);
    counts.outcomes.ok += rows;
    if (this.marks !== undefined) this.recorder.bins!.add(this.marks);
    for (const score of this.scores) counts.score.observe(score);
    for (const classIndex of this.classIndexes) if (classIndex >= 0) counts.classes[classIndex]! += 1;
  }

  /** `time` is ISO 8601 in UTC; request id and route hold no character that JSON would escape. */
  private frame({ requestId, route, principal }: Caller, time: string, durationUs: number): RecordFrame {
    const { model } = this.recorder;
    const by = principal === null ? 'null' : JSON.stringify(principal);
    return {
      head: `","request_id":"${requestId}","time":"${time}",${model},"route":"${route}","inputs":`,
      tail: `},"duration_us":${Math.round(durationUs)},"principal":${by},"salt":"`,
    };
  }

  /** The one place where a row becomes its record: a line of JSON, with its number in the file and the digest of the line before. */
  private write({ reply }: Call, { head, tail }: RecordFrame, row: Row, decision: Decision): void {
    const id = newId();
    const inputs = this.recorder.rows.text(row);
    const line = `{"prediction_id":"${id}${head}${inputs},"outputs":${decision.openText}${tail}${newSalt()}","previous":"${this.previous}","schema":${SCHEMA},"seq":${++this.seq}}\n`;
    this.previous = digestOf(line);
    this.digests.push(this.previous);
    this.lines.add(line);
    this.rows++;
    const { score, targets } = decision;
    if (score !== undefined) this.scores.push(score);
    if (targets === undefined) this.classIndexes.push(decision.classIndex);
    else this.addTargets(targets);
    reply.add(new RecordedPrediction(id, decision, row, this.recorder.answers));
  }

  private addTargets(targets: readonly Decided[]): void {
    const { starts } = this.recorder.counts;
    for (const [target, { classIndex }] of targets.entries())
      this.classIndexes.push(classIndex < 0 ? -1 : starts[target]! + classIndex);
  }
}

/** What the records of the rows of one call have in common, before the inputs and behind the outputs. */
interface RecordFrame {
  readonly head: string;
  readonly tail: string;
}
