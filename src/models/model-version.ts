import { setImmediate as nextTurn } from 'node:timers/promises';
import { Baseline } from '../artifacts/baseline.js';
import type { Documents } from '../artifacts/documents.js';
import type { Manifest } from '../artifacts/manifest.js';
import type { VersionFolder } from '../artifacts/version-folder.js';
import { type BodyForm, rowForm, rowsForm } from '../inputs/body-form.js';
import { InputCheck } from '../inputs/input-check.js';
import { withinTensors } from '../inputs/tensor-bounds.js';
import type { LogMetrics } from '../journal/log-metrics.js';
import type { PredictionLog } from '../journal/prediction-log.js';
import type { RecordLog } from '../journal/record-log.js';
import type { Backlog } from '../pipeline/backlog.js';
import { type AnyBatcher, batcherOf } from '../pipeline/batcher-of.js';
import { BinCounter } from '../pipeline/bin-counter.js';
import type { BinCounters } from '../pipeline/bin-counters.js';
import type { PredictionMetrics, VersionCounts } from '../pipeline/prediction-metrics.js';
import { MAX_ROWS } from '../pipeline/prediction.js';
import { Recorder } from '../pipeline/recorder.js';
import type { Isolation } from '../runners/graph-place.js';
import { ModelRunner } from '../runners/model-runner.js';
import type { ProcessLog } from '../runners/process-crew.js';
import { type Example, exampleOf } from './example.js';
import type { ModelDefinition } from './model-definition.js';
import type { ProcessMetrics } from './process-metrics.js';
import type { RecordingRules } from './recording-rules.js';
import { runPlace, type RunPlace } from './run-place.js';
import { servedSchema } from './served-schema.js';
import { baselineOf, type VersionBaseline } from './version-baseline.js';

/** What every version of this process shares. */
export interface Services {
  readonly log: PredictionLog;
  readonly logMetrics: LogMetrics;
  readonly metrics: PredictionMetrics;
  readonly processMetrics: ProcessMetrics;
  readonly counters: BinCounters;
  readonly backlog: Backlog;
  /** The models with a hand-shaped DTO. */
  readonly definitions: readonly ModelDefinition[];
  readonly rules: RecordingRules;
  /** How models run whose rows are dear. */
  readonly isolation: Isolation;
  readonly logger: ProcessLog;
}

/** A version that has passed every check and answers, until it is closed. */
export class ModelVersion {
  isClosing = false;
  private shown: { readonly example: Example | undefined } | undefined;
  /** Where its graph runs. */
  readonly place: RunPlace;
  /** What the JSON of one row and of many rows holds at most. */
  readonly forms: { readonly row: BodyForm; readonly rows: BodyForm };

  private constructor(
    readonly manifest: Manifest,
    /** SHA-256 of model.onnx. */
    readonly digest: string,
    /** Of all its files: what an archive of it is known by. */
    readonly contentDigest: string,
    readonly documents: Documents,
    /** What its rows are compared with. */
    readonly baseline: VersionBaseline,
    readonly check: InputCheck,
    readonly batcher: AnyBatcher,
    readonly counts: VersionCounts,
    private readonly runner: ModelRunner,
    /** Where its predictions are recorded, with those of the model's other versions. */
    readonly records: RecordLog,
    private readonly undo: () => Promise<void>,
  ) {
    this.place = runPlace(runner);
    this.forms = { row: rowForm(check.schema), rows: rowsForm(check.schema, MAX_ROWS) };
  }

  /**
   * `secondsPerRow`: CPU time of one row, where it is known from a check; else it is measured here.
   * @throws ArtifactFault with the reason why this version cannot be served.
   */
  static async load(
    folder: VersionFolder,
    services: Services,
    secondsPerRow?: number,
  ): Promise<ModelVersion> {
    const { log, logMetrics, metrics, processMetrics, counters, backlog, definitions, rules } = services;
    const { manifest, modelDigest, contentDigest, documents } = folder;
    const schema = servedSchema(manifest, definitions);
    const rows = rules.of(manifest);
    const check = new InputCheck(schema, withinTensors(schema, manifest.tensors.inputs), rows.hidden);
    await nextTurn();
    const measured = secondsPerRow === undefined ? {} : { secondsPerRow };
    const runner = await ModelRunner.load(folder, { ...services.isolation, ...measured }, services.logger);
    logMetrics.register(manifest.model);
    const { counts, unregister } = metrics.register(manifest, runner.trees.areCompiled);
    const records = log.of(manifest.model);
    const baseline = baselineOf(folder.fileIfAny('baseline.json'), manifest);
    const bins = baseline instanceof Baseline ? new BinCounter(manifest, baseline, runner.texts) : undefined;
    const stopCounting = bins && counters.register(bins);
    const recorder = new Recorder(manifest, modelDigest, records, counts, bins, rows);
    const batcher = batcherOf(runner, recorder, backlog, runner.secondsPerRow);
    const stopTelling = runner.pool && processMetrics.register(manifest, runner.pool, batcher);
    const undo = async (): Promise<void> => {
      unregister();
      stopCounting?.();
      stopTelling?.();
      await runner.release();
    };
    const made = new ModelVersion(
      manifest,
      modelDigest,
      contentDigest,
      documents,
      baseline,
      check,
      batcher,
      counts,
      runner,
      records,
      undo,
    );
    // A page cannot wait for another process.
    if (runner.parallel !== undefined) made.shown = { example: await exampleOf(manifest, check, runner) };
    return made;
  }

  /** Why it answers nobody for now: its processes end one after another. */
  get fault(): string | undefined {
    return this.runner.pool?.fault;
  }

  /** Whether what is asked of it now can be answered and recorded. */
  get isAnswering(): boolean {
    return this.fault === undefined && !this.records.isOut;
  }

  /** Processor time of a run of one row, where it was measured. */
  get secondsPerRow(): number | undefined {
    return this.runner.cpuSecondsPerRow;
  }

  /** How many golden samples there was no time for, if any. */
  get samplesLeftOut(): number | undefined {
    return this.runner.replayed.left_out;
  }

  /** Where compiled trees differed from the runtime, which runs them therefore. */
  get treeFault(): string | undefined {
    return this.runner.trees.fault;
  }

  /** Why its rows are compared with nothing. */
  get driftFault(): string | undefined {
    return this.baseline instanceof Baseline ? undefined : this.baseline.fault;
  }

  /** Made when it is asked for, or at the load where the model runs elsewhere, and then kept; undefined: there is none. */
  get example(): Example | undefined {
    if (this.shown === undefined) {
      const example = exampleOf(this.manifest, this.check, this.runner);
      this.shown = { example: example instanceof Promise ? undefined : example };
    }
    return this.shown.example;
  }

  /** Answers what was submitted, then gives everything back. Nothing is submitted any more. */
  async close(): Promise<void> {
    this.isClosing = true;
    await this.batcher.close();
    await this.undo();
  }
}
