import { newId } from '../http/ids.js';

import type { Manifest } from '../artifacts/manifest.js';
import type { Decision } from '../inference/decoder.js';
import type { ModelRunner } from '../inference/model-runner.js';
import type { Row } from '../inputs/input-check.js';
import { TrainingRange } from '../inputs/training-range.js';
import { LineBuffer } from '../prediction-log/line-buffer.js';
import type { PredictionLog } from '../prediction-log/prediction-log.js';
import type { Caller, Prediction } from './prediction.js';
import type { VersionCounts } from './prediction-metrics.js';
import { PredictionWriter } from './prediction-writer.js';

/** A request that waits for its batch. */
interface Job {
  readonly rows: readonly Row[];
  readonly caller: Caller;
  readonly accepted: number;
  readonly resolve: (predictions: readonly Prediction[]) => void;
  readonly reject: (error: unknown) => void;
}

/** Larger requests run alone, so that a bulk call does not hold up the single rows of its tick. */
const SHARED_ROWS = 64;

/**
 * batch → run → record → reply for one model version. Requests that arrive in the same turn of the event loop share
 * one run and one write; nothing waits on a timer. Rows were validated before, and a batch that fails all the same is
 * run again request by request, so that one request's fault is never another's.
 */
export class PredictionPipeline {
  private waiting: Job[] = [];
  private readonly writer: PredictionWriter;
  private readonly range: TrainingRange;
  private readonly lines = new LineBuffer();

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
   * @returns one prediction per row, in order, each of them recorded.
   * @throws PredictionLogUnavailable before anything runs, or when the records cannot be written.
   */
  submit(rows: readonly Row[], caller: Caller): Promise<readonly Prediction[]> {
    this.log.assertWritable();
    return new Promise((resolve, reject) => {
      const job: Job = { rows, caller, accepted: performance.now(), resolve, reject };
      if (rows.length > SHARED_ROWS) void this.process([job]);
      else if (this.waiting.push(job) === 1) setImmediate(() => this.flush());
    });
  }

  private flush(): void {
    const jobs = this.waiting;
    this.waiting = [];
    void this.process(jobs);
  }

  private async process(jobs: readonly Job[]): Promise<void> {
    const { stages, batchRows, outcomes } = this.counts;
    const rows = jobs.length === 1 ? jobs[0]!.rows : jobs.flatMap((job) => job.rows);
    try {
      stages.queue.observe((performance.now() - jobs[0]!.accepted) / 1000);
      const times = { encode: 0, run: 0, decode: 0 };
      const decisions = await this.runner.run(rows, times);
      stages.encode.observe(times.encode);
      stages.run.observe(times.run);
      stages.decode.observe(times.decode);
      batchRows.observe(rows.length);
      this.finish(jobs, decisions);
    } catch (error) {
      if (jobs.length > 1) {
        await Promise.all(jobs.map((job) => this.process([job])));
        return;
      }
      outcomes.error += rows.length;
      jobs[0]!.reject(error);
    }
  }

  /** Records every row of the batch by one write, then lets the replies go. */
  private finish(jobs: readonly Job[], decisions: readonly Decision[]): void {
    const started = performance.now();
    const now = new Date();
    const time = now.toISOString();
    const answers: Prediction[][] = [];
    let place = 0;
    for (const { rows, caller, accepted } of jobs) {
      const frame = this.writer.frame(caller, time, Math.round((started - accepted) * 1000));
      const predictions: Prediction[] = [];
      for (const row of rows) {
        const decision = decisions[place++]!;
        const id = newId();
        const outcome = this.writer.outcome(decision);
        this.lines.add(this.writer.record(frame, outcome, id, row));
        const json = this.writer.answer(outcome, id, this.range.warnings(row));
        predictions.push({ id, outcome: decision.outcome, json });
      }
      answers.push(predictions);
    }
    this.log.append(this.manifest.model, this.lines.take(), decisions.length, now);
    this.count(decisions);
    this.counts.stages.record.observe((performance.now() - started) / 1000);
    for (let index = 0; index < jobs.length; index++) jobs[index]!.resolve(answers[index]!);
  }

  private count(decisions: readonly Decision[]): void {
    const { outcomes, classes, score } = this.counts;
    outcomes.ok += decisions.length;
    for (const decision of decisions) {
      score.observe(decision.score);
      if (decision.classIndex >= 0) classes[decision.classIndex]! += 1;
    }
  }
}
