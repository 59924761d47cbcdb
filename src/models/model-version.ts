import { ArtifactFault } from '../artifacts/artifact-fault.js';
import type { Manifest } from '../artifacts/manifest.js';
import type { VersionFolder } from '../artifacts/version-folder.js';
import { InputCheck } from '../inputs/input-check.js';
import { inputSchema, schemaDifferences } from '../inputs/input-schema.js';
import { manifestInput } from '../inputs/manifest-input.js';
import type { PredictionLog } from '../journal/prediction-log.js';
import type { Backlog } from '../pipeline/backlog.js';
import { Batcher } from '../pipeline/batcher.js';
import type { PredictionMetrics, VersionCounts } from '../pipeline/prediction-metrics.js';
import { Recorder } from '../pipeline/recorder.js';
import { ModelRunner } from '../runners/model-runner.js';
import type { ModelDefinition } from './model-definition.js';

/** A version that has passed every check and answers. */
export class ModelVersion {
  private constructor(
    readonly manifest: Manifest,
    /** SHA-256 of model.onnx. */
    readonly digest: string,
    readonly check: InputCheck,
    readonly batcher: Batcher,
    readonly counts: VersionCounts,
    private readonly runner: ModelRunner,
  ) {}

  /** @throws ArtifactFault with the reason why this version cannot be served. */
  static load(
    folder: VersionFolder,
    definition: ModelDefinition | undefined,
    log: PredictionLog,
    metrics: PredictionMetrics,
    backlog: Backlog,
  ): ModelVersion {
    const { manifest, modelDigest } = folder;
    const fromManifest = inputSchema(manifestInput(manifest));
    const schema = definition === undefined ? fromManifest : inputSchema(definition.input);
    const [difference] = schemaDifferences(schema, fromManifest);
    if (difference !== undefined) throw new ArtifactFault(`the DTO does not fit the manifest: ${difference}`);
    const runner = ModelRunner.load(folder);
    const counts = metrics.register(manifest);
    const batcher = new Batcher(runner, new Recorder(manifest, modelDigest, log, counts), backlog);
    return new ModelVersion(manifest, modelDigest, new InputCheck(schema), batcher, counts, runner);
  }

  release(): void {
    this.runner.release();
  }
}
