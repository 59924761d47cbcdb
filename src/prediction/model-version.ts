import { ArtifactFault } from '../artifacts/artifact-fault.js';
import type { Manifest } from '../artifacts/manifest.js';
import type { VersionFolder } from '../artifacts/version-folder.js';
import { ModelRunner } from '../inference/model-runner.js';
import { InputCheck } from '../inputs/input-check.js';
import { inputSchema, schemaDifferences } from '../inputs/input-schema.js';
import { manifestInput } from '../inputs/manifest-input.js';
import type { PredictionLog } from '../prediction-log/prediction-log.js';
import type { ModelDefinition } from './model-definition.js';
import { PredictionPipeline } from './prediction-pipeline.js';
import type { PredictionMetrics, VersionCounts } from './prediction-metrics.js';

/** A version that has passed every check and answers. */
export class ModelVersion {
  private constructor(
    readonly manifest: Manifest,
    /** SHA-256 of model.onnx. */
    readonly digest: string,
    readonly check: InputCheck,
    readonly pipeline: PredictionPipeline,
    readonly counts: VersionCounts,
    private readonly runner: ModelRunner,
  ) {}

  /** @throws ArtifactFault with the reason why this version cannot be served. */
  static load(
    folder: VersionFolder,
    definition: ModelDefinition | undefined,
    log: PredictionLog,
    metrics: PredictionMetrics,
  ): ModelVersion {
    const { manifest, modelDigest } = folder;
    const fromManifest = inputSchema(manifestInput(manifest));
    const schema = definition === undefined ? fromManifest : inputSchema(definition.input);
    const [difference] = schemaDifferences(schema, fromManifest);
    if (difference !== undefined) throw new ArtifactFault(`the DTO does not fit the manifest: ${difference}`);
    const runner = ModelRunner.load(folder);
    const counts = metrics.register(manifest);
    const pipeline = new PredictionPipeline(manifest, modelDigest, runner, log, counts);
    return new ModelVersion(manifest, modelDigest, new InputCheck(schema), pipeline, counts, runner);
  }

  release(): void {
    this.runner.release();
  }
}
