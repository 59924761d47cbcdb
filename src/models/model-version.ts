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
import { ModelRunner } from '../runners/model-runner.js';
import { type Example, exampleOf } from './example.js';
import type { ModelDefinition } from './model-definition.js';
import type { RecordingRules } from './recording-rules.js';
import { servedSchema } from './served-schema.js';
import { baselineOf, type VersionBaseline } from './version-baseline.js';

/** What every version of this process shares. */
export interface Services {
  readonly log: PredictionLog;
  readonly logMetrics: LogMetrics;
  readonly metrics: PredictionMetrics;
  readonly counters: BinCounters;
  readonly backlog: Backlog;
  /** The models with a hand-shaped DTO. */
  readonly definitions: readonly ModelDefinition[];
  readonly rules: RecordingRules;
}

/** A version that has passed every check and answers, until it is closed. */
export class ModelVersion {
  isClosing = false;
  private shown: { readonly example: Example | undefined } | undefined;
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
    this.forms = { row: rowForm(check.schema), rows: rowsForm(check.schema, MAX_ROWS) };
  }

  /** @throws ArtifactFault with the reason why this version cannot be served. */
  static async load(folder: VersionFolder, services: Services): Promise<ModelVersion> {
    const { log, logMetrics, metrics, counters, backlog, definitions, rules } = services;
    const { manifest, modelDigest, contentDigest, documents } = folder;
    const schema = servedSchema(manifest, definitions);
    const rows = rules.of(manifest);
    const check = new InputCheck(schema, withinTensors(schema, manifest.tensors.inputs), rows.hidden);
    await nextTurn();
    const runner = await ModelRunner.load(folder);
    logMetrics.register(manifest.model);
    const { counts, unregister } = metrics.register(manifest, runner.trees.areCompiled);
    const records = log.of(manifest.model);
    const baseline = baselineOf(folder.fileIfAny('baseline.json'), manifest);
    const bins = baseline instanceof Baseline ? new BinCounter(manifest, baseline, runner.texts) : undefined;
    const stopCounting = bins && counters.register(bins);
    const recorder = new Recorder(manifest, modelDigest, records, counts, bins, rows);
    const batcher = batcherOf(runner, recorder, backlog, runner.secondsPerRow);
    const undo = async (): Promise<void> => {
      unregister();
      stopCounting?.();
      await runner.release();
    };
    const loaded = new ModelVersion(
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
    // Whoever asks for it later cannot wait.
    if (runner.parallel !== undefined) loaded.shown = { example: await exampleOf(manifest, check, runner) };
    return loaded;
  }

  /** CPU time of one row, as it was measured before it answered anybody. */
  get secondsPerRow(): number {
    return this.runner.secondsPerRow;
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
    this.shown ??= { example: exampleOf(this.manifest, this.check, this.runner) as Example | undefined };
    return this.shown.example;
  }

  /** Answers what was submitted, then gives everything back. Nothing is submitted any more. */
  async close(): Promise<void> {
    this.isClosing = true;
    await this.batcher.close();
    await this.undo();
  }
}
