import { setImmediate as nextTurn } from 'node:timers/promises';
import { ArtifactFault } from '../artifacts/artifact-fault.js';
import type { VersionFolder } from '../artifacts/version-folder.js';
import { DeadlineExceeded, ModelProcessEnded } from '../errors/errors.js';
import type { Row } from '../inputs/input-check.js';
import { type Decision, Decoder } from './decoder.js';
import type { Encoder } from './encoder.js';
import { createEncoder } from './encoders.js';
import { GraphPlace, type Isolation } from './graph-place.js';
import type { Graph, Outputs, Ran } from './graph.js';
import type { ModelProcesses } from './model-processes.js';
import type { Decided } from './outcome.js';
import type { ProcessLog } from './process-crew.js';
import { type Replay, replay, SAMPLE_MS, warmUp } from './replay.js';
import type { RunTimes } from './run-times.js';
import type { TextSizes } from './text-sizes.js';

const SILENT: ProcessLog = { info: () => undefined, warn: () => undefined };

/** encode → run → decode for one model version; the graph may run in processes of its own. */
export class ModelRunner {
  /** What came of the golden samples. */
  replayed: Replay = { samples: 0 };
  /** What a run of a single row takes when the model is warm. */
  secondsPerRow = 0;

  private constructor(
    private readonly graph: Graph,
    private readonly encoder: Encoder,
    private readonly decoder: Decoder,
    readonly trees: GraphPlace['trees'],
    /** The processes that run the graph; undefined: it runs in this one. */
    readonly pool: ModelProcesses | undefined,
    /** Processor time of a run of one row, where it was measured to find the place of the graph. */
    readonly cpuSecondsPerRow: number | undefined,
  ) {}

  /**
   * Loads the graph, compares its tensors with the manifest, compiles it if it is one of trees, gives it processes of its
   * own if it is slower than `isolation` allows, replays every golden sample and warms up, there where it will run. Others
   * have their turn in between; only the runtime's opening of a graph, and a run of one row in this process, cannot be cut.
   * @throws ArtifactFault with what differs or fails; nothing stays loaded then, and no process.
   */
  static async load(folder: VersionFolder, isolation?: Isolation, log = SILENT): Promise<ModelRunner> {
    const { manifest } = folder;
    const samples = folder.samples();
    await nextTurn();
    const decoder = new Decoder(manifest);
    const place = new GraphPlace(folder, decoder.outputs, isolation, log);
    try {
      await place.open();
      await nextTurn();
      const encoder = createEncoder({ manifest, json: (name) => folder.json(name) });
      await nextTurn();
      await place.settle((rows) => encoder.encode(samples.slice(0, rows).map(({ input }) => input as Row)));
      const runner = new ModelRunner(
        place.graph,
        encoder,
        decoder,
        place.trees,
        place.pool,
        place.secondsPerRow,
      );
      runner.replayed = await replay(samples, runner, manifest, runner.parallel);
      runner.secondsPerRow = await warmUp(samples, runner, runner.parallel);
      return runner;
    } catch (error) {
      await place.release();
      if (error instanceof ArtifactFault) throw error;
      // Nobody has called yet, so what the runtime, an encoder or the decoder throws here is the artifact's fault.
      throw new ArtifactFault(`model.onnx cannot answer samples.json: ${reasonOf(error)}`);
    }
  }

  /** Runs at a time in processes of its own; undefined: one after another in this one. */
  get parallel(): number | undefined {
    return this.pool?.size;
  }

  /** What became of the texts of the last run; of one elsewhere, when its decisions are named (`TextSizes.recall`). */
  get texts(): readonly TextSizes[] {
    return this.encoder.texts ?? [];
  }

  /** Gives everything back as soon as what runs elsewhere is answered. */
  async release(): Promise<void> {
    await this.graph.release();
  }

  /** As `run`, for whoever needs no text of the answers: golden samples. */
  decided(rows: readonly Row[]): readonly Decided[] | Promise<readonly Decided[]> {
    const decidedOf = (outputs: Outputs): readonly Decided[] =>
      rows.map((_, row) => this.decoder.decided(outputs, row));
    const outputs = this.graph.run(this.encoder.encode(rows), performance.now() + SAMPLE_MS);
    return outputs instanceof Promise ? outputs.then((ran) => decidedOf(ran.outputs)) : decidedOf(outputs);
  }

  /**
   * Runs one batch: at once on the event loop, or by a promise in a process of its own.
   * @param deadline on the monotonic clock, in milliseconds, of what runs elsewhere
   * @param abandoned aborts when nobody waits for that any more
   * @returns one decision per row, in order; `times` is added to, but not what a run waits for a process.
   * @throws DeadlineExceeded, ClientGone, ModelProcessEnded of what runs elsewhere
   */
  run(
    rows: readonly Row[],
    times: RunTimes,
    deadline = Infinity,
    abandoned?: AbortSignal,
  ): readonly Decision[] | Promise<readonly Decision[]> {
    const started = performance.now();
    const tensors = this.encoder.encode(rows);
    const encoded = performance.now();
    times.encode += (encoded - started) / 1000;
    const outputs = this.graph.run(tensors, deadline, abandoned);
    if (outputs instanceof Promise) return this.runElsewhere(rows, times, outputs);
    const ran = performance.now();
    times.run += (ran - encoded) / 1000;
    const decisions = rows.map((_, row) => this.decoder.decide(outputs, row));
    times.decode += (performance.now() - ran) / 1000;
    return decisions;
  }

  private async runElsewhere(
    rows: readonly Row[],
    times: RunTimes,
    running: Promise<Ran>,
  ): Promise<readonly Decision[]> {
    // Others are encoded before these sizes are asked for.
    const sizes = this.texts.map((each) => each.take());
    const { outputs, seconds } = await running;
    times.run += seconds;
    const ran = performance.now();
    const decisions = rows.map((_, row) => this.decoder.decide(outputs, row));
    times.decode += (performance.now() - ran) / 1000;
    for (const [index, each] of this.texts.entries()) each.keep(decisions, sizes[index]!);
    return decisions;
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof DeadlineExceeded) return `one took more than ${SAMPLE_MS / 1000} s`;
  return error instanceof ModelProcessEnded ? error.reason : (error as Error).message;
}
