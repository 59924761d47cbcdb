import type { Manifest } from '../artifacts/manifest.js';
import { VersionFolder } from '../artifacts/version-folder.js';
import type { Row } from '../inputs/input-check.js';
import { leastSeconds } from '../runners/least-seconds.js';
import { ModelRunner } from '../runners/model-runner.js';
import type { Replay } from '../runners/replay.js';
import type { ModelDefinition } from './model-definition.js';
import { servedSchema } from './served-schema.js';

/** What is known of a version that can be served. */
export interface CheckedVersion {
  readonly model: string;
  readonly version: string;
  readonly task: string;
  readonly inputs: readonly string[];
  /** Of model.onnx. */
  readonly sha256: string;
  /** Of all files. */
  readonly content_sha256: string;
  readonly replayed: Replay;
  readonly tolerance: Manifest['tolerance'];
  /** CPU time of one row, when the model is warm. */
  readonly seconds_per_row: number;
  /** What reading, opening, replaying and warming up took, and by how much the process grew. */
  readonly seconds: number;
  readonly bytes: number;
}

/**
 * Does with a version folder, wherever it lies, all that the server does before it serves one.
 * @throws ArtifactFault with the reason for which the server would refuse it.
 */
export async function checkVersion(
  path: string,
  definitions: readonly ModelDefinition[],
): Promise<CheckedVersion> {
  const started = performance.now();
  const before = process.memoryUsage.rss();
  const folder = await VersionFolder.open(path);
  const { model, version, task, inputs, tolerance } = folder.manifest;
  servedSchema(folder.manifest, definitions);
  const runner = await ModelRunner.load(folder);
  const row = folder.samples()[0]!.input as Row;
  const checked = {
    model,
    version,
    task,
    inputs: inputs.map(({ name }) => name),
    sha256: folder.modelDigest,
    content_sha256: folder.contentDigest,
    replayed: runner.replayed,
    tolerance,
    seconds_per_row: await leastSeconds(() => runner.decided([row]), 0),
    seconds: (performance.now() - started) / 1000,
    bytes: Math.max(0, process.memoryUsage.rss() - before),
  };
  await runner.release();
  return checked;
}
