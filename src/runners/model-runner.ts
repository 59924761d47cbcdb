import { ArtifactFault } from '../artifacts/artifact-fault.js';
import type { Manifest, Sample } from '../artifacts/manifest.js';
import type { VersionFolder } from '../artifacts/version-folder.js';
import type { Row } from '../inputs/input-check.js';
import { type Decision, Decoder } from './decoder.js';
import type { Encoder } from './encoder.js';
import { createEncoder } from './encoders.js';
import { OnnxSession } from './onnx-session.js';

/** Seconds that the stages of one run took. */
export interface RunTimes {
  encode: number;
  run: number;
  decode: number;
}

/** Memory of a run grows with its rows, so golden samples go through a few at a time. */
const ROWS_PER_REPLAY = 128;
/** The first runs pay for memory and code that later ones find ready. */
const WARM_UP_RUNS = 50;

/** encode → run → decode for one model version. */
export class ModelRunner {
  private readonly inputs: readonly string[];

  private constructor(
    private readonly session: OnnxSession,
    private readonly encoder: Encoder,
    private readonly decoder: Decoder,
    private readonly manifest: Manifest,
  ) {
    this.inputs = manifest.tensors.inputs.map(({ name }) => name);
  }

  /**
   * Loads the graph, compares its tensors with the manifest, replays every golden sample and warms up.
   * @throws ArtifactFault with what differs or fails; nothing stays loaded then.
   */
  static load(folder: VersionFolder): ModelRunner {
    const { manifest } = folder;
    const samples = folder.samples();
    const session = loadSession(folder.file('model.onnx'));
    try {
      const [difference] = session.differences(manifest.tensors);
      if (difference !== undefined) throw new ArtifactFault(difference);
      const runner = new ModelRunner(
        session,
        createEncoder({ manifest, json: (name) => folder.json(name) }),
        new Decoder(manifest),
        manifest,
      );
      runner.replay(samples);
      runner.warmUp(samples);
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

  private replay(samples: readonly Sample[]): void {
    const times = { encode: 0, run: 0, decode: 0 };
    const rows = samples.map(({ input }) => input as Row);
    const decisions = rows.flatMap((_, first) =>
      first % ROWS_PER_REPLAY === 0 ? this.run(rows.slice(first, first + ROWS_PER_REPLAY), times) : [],
    );
    for (const [index, sample] of samples.entries()) {
      const difference = this.difference(sample, decisions[index]!);
      if (difference !== undefined)
        throw new ArtifactFault(`samples.json: sample ${index + 1}: ${difference}`);
    }
  }

  private difference(sample: Sample, { outcome, raw, probabilities }: Decision): string | undefined {
    const { tolerance, task } = this.manifest;
    if (task === 'classification' && outcome.prediction !== sample.label) {
      return `the estimator says ${String(sample.label)}, the served model ${String(outcome.prediction)}`;
    }
    return (
      compare('raw', sample.raw, raw, tolerance.raw) ??
      compare('probabilities', sample.probabilities ?? [], probabilities, tolerance.probability ?? 0)
    );
  }

  private warmUp(samples: readonly Sample[]): void {
    for (let run = 0; run < WARM_UP_RUNS; run++) {
      this.run([samples[run % samples.length]!.input as Row], { encode: 0, run: 0, decode: 0 });
    }
  }
}

/** @returns what differs first by more than `within`; undefined: nothing. */
function compare(
  what: string,
  expected: readonly number[],
  actual: readonly number[],
  within: number,
): string | undefined {
  if (expected.length !== actual.length) {
    return `${what}: ${expected.length} numbers expected, ${actual.length} found`;
  }
  const place = expected.findIndex((value, index) => !(Math.abs(value - actual[index]!) <= within));
  if (place === -1) return undefined;
  return `${what}: expected ${expected[place]}, actual ${actual[place]}, tolerance ${within}`;
}

function loadSession(model: Uint8Array): OnnxSession {
  try {
    return OnnxSession.load(model);
  } catch (error) {
    throw new ArtifactFault(`model.onnx cannot be loaded: ${(error as Error).message}`);
  }
}
