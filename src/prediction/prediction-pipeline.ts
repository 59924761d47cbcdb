import { setImmediate as nextTurn } from 'node:timers/promises';
import { newId } from '../http/ids.js';
import type { Manifest } from '../artifacts/manifest.js';
import { ClientGone, PredictionLogUnavailable } from '../errors/errors.js';
import type { Decision } from '../inference/decoder.js';
import type { ModelRunner } from '../inference/model-runner.js';
import { MAX_ROWS, type Row } from '../inputs/input-check.js';
import { TrainingRange } from '../inputs/training-range.js';
import { TextBuffer } from '../prediction-log/text-buffer.js';
import type { PredictionLog } from '../prediction-log/prediction-log.js';
import type { Answer, Caller } from './prediction.js';
import { Batch, type Job } from './batch.js';
import { Lane } from './lane.js';
import type { VersionCounts } from './prediction-metrics.js';
import { PredictionWriter, type RecordFrame } from './prediction-writer.js';

/** Rows per call of the runtime. It computes on the event loop, so more would hold up everybody else. */
const ROWS_PER_RUN = 128;
/** A request up to this size does not wait for larger ones. */
const MEDIUM_ROWS = 1_024;

/**
 * batch → run → record → reply for one model version. Requests that arrive in the same turn of the event loop share
 * one run and one write; nothing waits on a timer. Rows were validated before, and a batch that fails all the same is
 * run again request by request, so that one request's fault is never another's.
 *
 * A request that needs several runs takes a lane, and lets others in between its runs.
 */
export class PredictionPipeline {
  private waiting: Job[] = [];
  private readonly writer: PredictionWriter;
  private readonly range: TrainingRange;
  private readonly lines = new TextBuffer();
  private readonly lanes = [new Lane(MEDIUM_ROWS), new Lane(MAX_ROWS)] as const;

  constructor(
    private readonly manifest: Manifest,
    digest: string,
    private readonly runner: ModelRunner,
    private readonly log: PredictionLog,
    private readonly counts: VersionCounts,
  ) {
    this.writer = new PredictionWriter(manifest, digest);
    this.range = new TrainingRange(manifest.inputs);
  }

  /**
   * @returns the answer that `begin` began, with one prediction per row, in order, each of them recorded.
   * @throws PredictionLogUnavailable before anything runs, or when the records cannot be written.
   */
  submit<T>(rows: readonly Row[], caller: Caller, begin: () => Answer<T>): Promise<T> {
    this.log.assertWritable();
    return new Promise((resolve, reject) => {
      const job = { rows, caller, accepted: performance.now(), begin, resolve, reject } as Job;
      if (rows.length > ROWS_PER_RUN) this.enterLane(job);
      else if (this.waiting.push(job) === 1) setImmediate(() => this.flush());
    });
  }

  private enterLane(job: Job): void {
    const [medium, large] = this.lanes;
    const lane = job.rows.length <= medium.maximumRows ? medium : large;
    lane.enter(async () => {
      if (job.caller.connection.destroyed) job.reject(new ClientGone());
      else await this.process([job], lane.lines);
    });
  }

  private flush(): void {
    let rows = 0;
    const tooMany = this.waiting.findIndex((job) => (rows += job.rows.length) > ROWS_PER_RUN);
    const jobs = this.waiting.splice(0, tooMany === -1 ? this.waiting.length : tooMany);
    if (this.waiting.length > 0) setImmediate(() => this.flush());
    void this.process(jobs, this.lines);
  }

  /** Without an await where one run takes all rows, so that `lines` is nobody else's until it is taken. */
  private async process(jobs: readonly Job[], lines: TextBuffer): Promise<void> {
    const { stages, batchRows, outcomes } = this.counts;
    const rows = jobs.length === 1 ? jobs[0]!.rows : jobs.flatMap((job) => job.rows);
    const batch = new Batch(jobs);
    const times = { encode: 0, run: 0, decode: 0, record: 0 };
    try {
      stages.queue.observe((performance.now() - jobs[0]!.accepted) / 1000);
      for (let first = 0; first < rows.length; first += ROWS_PER_RUN) {
        if (first > 0) await nextTurn();
        const some = rows.slice(first, first + ROWS_PER_RUN);
        this.write(some, this.runner.run(some, times), batch, lines, times);
      }
      const written = performance.now();
      this.log.append(this.manifest.model, lines.take(), rows.length);
      times.record += (performance.now() - written) / 1000;
    } catch (error) {
      lines.take();
      // A full disk is no request's fault, so none of them is tried alone.
      if (jobs.length > 1 && !(error instanceof PredictionLogUnavailable)) {
        for (const job of jobs) void this.process([job], lines);
        return;
      }
      outcomes.error += rows.length;
      for (const { reject } of jobs) reject(error);
      return;
    }
    stages.encode.observe(times.encode);
    stages.run.observe(times.run);
    stages.decode.observe(times.decode);
    stages.record.observe(times.record);
    batchRows.observe(rows.length);
    this.count(batch);
    batch.resolve();
  }

  /** Writes the records and the answers of some rows of a batch; what stays of them is text. */
  private write(
    rows: readonly Row[],
    decisions: readonly Decision[],
    batch: Batch,
    lines: TextBuffer,
    times: { record: number },
  ): void {
    const started = performance.now();
    const time = new Date().toISOString();
    let asked: Job | undefined;
    let frame: RecordFrame | undefined;
    for (let row = 0; row < rows.length; row++) {
      const job = batch.jobOfNextRow();
      if (job !== asked) {
        asked = job;
        frame = this.writer.frame(job.caller, time, Math.round((started - job.accepted) * 1000));
      }
      const decision = decisions[row]!;
      const id = newId();
      const outcome = JSON.stringify(decision.outcome);
      lines.add(this.writer.record(frame!, outcome, id, rows[row]!));
      const json = this.writer.answer(outcome, id, this.range.warnings(rows[row]!));
      batch.add({ id, outcome: decision.outcome, json }, decision);
    }
    times.record += (performance.now() - started) / 1000;
  }

  private count({ scores, classIndexes }: Batch): void {
    const { outcomes, classes, score } = this.counts;
    outcomes.ok += scores.length;
    for (let row = 0; row < scores.length; row++) {
      score.observe(scores[row]!);
      const classIndex = classIndexes[row]!;
      if (classIndex >= 0) classes[classIndex]! += 1;
    }
  }
}
