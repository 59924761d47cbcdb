import { setImmediate as nextTurn } from 'node:timers/promises';
import { ArtifactFault } from '../artifacts/artifact-fault.js';
import type { Manifest, Sample } from '../artifacts/manifest.js';
import type { VersionFolder } from '../artifacts/version-folder.js';
import type { Row } from '../inputs/input-check.js';
import { type Decision, Decoder } from './decoder.js';
import type { Encoder } from './encoder.js';
import { createEncoder } from './encoders.js';
import type { Graph, TensorData } from './graph.js';
import { OnnxSession } from './onnx-session.js';
import type { Decided } from './outcome.js';
import { type Replay, replay, warmUp } from './replay.js';
import type { RunTimes } from './run-times.js';
import type { TextSizes } from './text-sizes.js';
import { compileTrees } from './tree-proof.js';

/** encode → run → decode for one model version. */
export class ModelRunner {
  /** What came of the golden samples. */
  replayed: Replay = { samples: 0 };
  /** What a run of a single row takes when the model is warm. */
  secondsPerRow = 0;

  private constructor(
    private readonly graph: Graph,
    private readonly encoder: Encoder,
    private readonly decoder: Decoder,
    /** Whether its trees run as code, and if the comparison with the runtime failed, where. */
    readonly trees: { readonly areCompiled: boolean; readonly fault: string | undefined },
  ) {}

  /**
   * Loads the graph, compares its tensors with the manifest, compiles it if it is one of trees, replays every golden
   * sample and warms up. Others have their turn in between; only the runtime's opening of a graph, and a run of one row,
   * cannot be cut.
   * @throws ArtifactFault with what differs or fails; nothing stays loaded then.
   */
  static async load(folder: VersionFolder): Promise<ModelRunner> {
    const { manifest } = folder;
    const samples = folder.samples();
    await nextTurn();
    const model = folder.file('model.onnx');
    const decoder = new Decoder(manifest);
    const session = loadSession(model, manifest, decoder);
    try {
      const [difference] = session.differences(manifest.tensors);
      if (difference !== undefined) throw new ArtifactFault(difference);
      await nextTurn();
      const encoder = createEncoder({ manifest, json: (name) => folder.json(name) });
      await nextTurn();
      const { graph, fault } = await compileTrees(model, session, () => ordinaryRows(encoder, samples));
      const trees = { areCompiled: graph !== undefined, fault };
      const runner = new ModelRunner(graph ?? session, encoder, decoder, trees);
      runner.replayed = await replay(samples, runner, manifest);
      runner.secondsPerRow = await warmUp(samples, runner);
      // Nobody asks the runtime any more for what has become code.
      if (graph !== undefined) session.release();
      return runner;
    } catch (error) {
      session.release();
      if (error instanceof ArtifactFault) throw error;
      // Nobody has called yet, so what the runtime, an encoder or the decoder throws here is the artifact's fault.
      throw new ArtifactFault(`model.onnx cannot answer samples.json: ${(error as Error).message}`);
    }
  }

  /** What became of the texts of the last run. */
  get texts(): readonly TextSizes[] {
    return this.encoder.texts ?? [];
  }

  release(): void {
    this.graph.release();
  }

  /** As `run`, for whoever needs no text of the answers. */
  decided(rows: readonly Row[]): readonly Decided[] {
    const outputs = this.graph.run(this.encoder.encode(rows));
    return rows.map((_, row) => this.decoder.decided(outputs, row));
  }

  /** Runs one batch, on the event loop. @returns one decision per row, in order; `times` is added to. */
  run(rows: readonly Row[], times: RunTimes): readonly Decision[] {
    const started = performance.now();
    const tensors = this.encoder.encode(rows);
    const encoded = performance.now();
    const outputs = this.graph.run(tensors);
    const ran = performance.now();
    const decisions = rows.map((_, row) => this.decoder.decide(outputs, row));
    times.encode += (encoded - started) / 1000;
    times.run += (ran - encoded) / 1000;
    times.decode += (performance.now() - ran) / 1000;
    return decisions;
  }
}

/** Most rows that the comparison of compiled trees takes its other inputs from. */
const ORDINARY_ROWS = 128;

function ordinaryRows(encoder: Encoder, samples: readonly Sample[]): TensorData {
  return encoder.encode(samples.slice(0, ORDINARY_ROWS).map(({ input }) => input as Row))[0]!;
}

function loadSession(model: Uint8Array, { tensors }: Manifest, decoder: Decoder): OnnxSession {
  const inputs = tensors.inputs.map(({ name }) => name);
  try {
    return OnnxSession.load(model, inputs, decoder.outputs);
  } catch (error) {
    throw new ArtifactFault(`model.onnx cannot be loaded: ${(error as Error).message}`);
  }
}
