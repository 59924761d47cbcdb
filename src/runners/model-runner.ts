import { setImmediate as nextTurn } from 'node:timers/promises';
import { ArtifactFault } from '../artifacts/artifact-fault.js';
import type { Manifest } from '../artifacts/manifest.js';
import type { VersionFolder } from '../artifacts/version-folder.js';
import type { Row } from '../inputs/input-check.js';
import { type Decision, Decoder } from './decoder.js';
import type { Encoder } from './encoder.js';
import { createEncoder } from './encoders.js';
import { OnnxSession } from './onnx-session.js';
import { type Replay, replay, warmUp } from './replay.js';
import type { RunTimes } from './run-times.js';

/** encode → run → decode for one model version. */
export class ModelRunner {
  /** What came of the golden samples. */
  replayed: Replay = { samples: 0, raw: 0, probability: 0 };
  /** What a run of a single row takes when the model is warm. */
  secondsPerRow = 0;
  private readonly inputs: readonly string[];

  private constructor(
    private readonly session: OnnxSession,
    private readonly encoder: Encoder,
    private readonly decoder: Decoder,
    manifest: Manifest,
  ) {
    this.inputs = manifest.tensors.inputs.map(({ name }) => name);
  }

  /**
   * Loads the graph, compares its tensors with the manifest, replays every golden sample and warms up. Others have their
   * turn in between; only the runtime's opening of a graph, and a run of one row, cannot be cut.
   * @throws ArtifactFault with what differs or fails; nothing stays loaded then.
   */
  static async load(folder: VersionFolder): Promise<ModelRunner> {
    const { manifest } = folder;
    const samples = folder.samples();
    await nextTurn();
    const session = loadSession(folder.file('model.onnx'));
    try {
      const [difference] = session.differences(manifest.tensors);
      if (difference !== undefined) throw new ArtifactFault(difference);
      await nextTurn();
      const encoder = createEncoder({ manifest, json: (name) => folder.json(name) });
      await nextTurn();
      const runner = new ModelRunner(session, encoder, new Decoder(manifest), manifest);
      runner.replayed = await replay(samples, runner, manifest);
      runner.secondsPerRow = await warmUp(samples, runner);
      return runner;
    } catch (error) {
      session.release();
      if (error instanceof ArtifactFault) throw error;
      // Nobody has called yet, so what the runtime, an encoder or the decoder throws here is the artifact's fault.
      throw new ArtifactFault(`model.onnx cannot answer samples.json: ${(error as Error).message}`);
    }
  }

  release(): void {
    this.session.release();
  }

  /** Runs one batch, on the event loop. @returns one decision per row, in order; `times` is added to. */
  run(rows: readonly Row[], times: RunTimes): readonly Decision[] {
    const started = performance.now();
    const tensors = this.encoder.encode(rows);
    const encoded = performance.now();
    const outputs = this.session.run(
      tensors.map((tensor, index) => [this.inputs[index]!, tensor] as const),
      this.decoder.outputs,
    );
    const ran = performance.now();
    const decisions = rows.map((_, row) => this.decoder.decide(outputs, row));
    times.encode += (encoded - started) / 1000;
    times.run += (ran - encoded) / 1000;
    times.decode += (performance.now() - ran) / 1000;
    return decisions;
  }
}

function loadSession(model: Uint8Array): OnnxSession {
  try {
    return OnnxSession.load(model);
  } catch (error) {
    throw new ArtifactFault(`model.onnx cannot be loaded: ${(error as Error).message}`);
  }
}
