import { openSync } from 'node:fs';
import { join } from 'node:path';
import { ArtifactFault, cannotBeRead } from '../artifacts/artifact-fault.js';
import type { VersionFolder } from '../artifacts/version-folder.js';
import { leastSeconds } from './least-seconds.js';
import type { Graph, LocalGraph, TensorData } from './graph.js';
import { ModelProcesses } from './model-processes.js';
import { OnnxSession } from './onnx-session.js';
import type { ProcessLog } from './process-crew.js';
import { compileTrees } from './tree-proof.js';

/** Most rows that the comparison of compiled trees takes its other inputs from. */
const ORDINARY_ROWS = 128;

/** When a graph runs in processes of its own, and in how many. */
export interface Isolation {
  readonly processes: number;
  /** Of each, where the manifest's tolerance leaves room for sums in another order; else one. */
  readonly threads: number;
  /** Most memory of each. */
  readonly memoryBytes: number;
  /** Processor time of a run of one row from which on it runs there. */
  readonly budgetMs: number;
  /** Processor time of such a run, where somebody has measured it elsewhere; undefined: it is measured here. */
  readonly secondsPerRow?: number;
}

/** Whether trees run as code, and if the comparison with the runtime failed, where. */
export interface Trees {
  readonly areCompiled: boolean;
  readonly fault: string | undefined;
}

/** Opens the graph of a version where it is to run: as a session or as code in this process, or in processes of its own. */
export class GraphPlace {
  trees: Trees = { areCompiled: false, fault: undefined };
  /** Processor time of a run of one row, as it is known or was measured here; undefined where nobody had to know. */
  secondsPerRow: number | undefined;
  private session: LocalGraph | undefined;
  private processes: ModelProcesses | undefined;

  constructor(
    private readonly folder: VersionFolder,
    /** Names of the tensors that are fetched. */
    private readonly outputs: readonly string[],
    private readonly isolation: Isolation | undefined,
    private readonly log: ProcessLog,
  ) {
    this.secondsPerRow = isolation?.secondsPerRow;
  }

  /** Defined when `open` has resolved. */
  get graph(): Graph {
    return (this.processes ?? this.session)!;
  }

  /** Its own processes, if it runs there. */
  get pool(): ModelProcesses | undefined {
    return this.processes;
  }

  /**
   * Opens the graph; where it is known to be slow, no part of it runs in this process.
   * @throws ArtifactFault if it is no graph, or not the one that the manifest tells of
   */
  async open(): Promise<void> {
    if (this.isSlow()) return this.openElsewhere();
    const session = this.openHere();
    this.session = session;
    const [difference] = session.differences(this.folder.manifest.tensors);
    if (difference !== undefined) throw new ArtifactFault(difference);
  }

  /**
   * Decides where it stays: trees become code, and what is measured to be slow goes into processes of its own.
   * `encode` makes tensors of as many golden samples.
   */
  async settle(encode: (rows: number) => readonly TensorData[]): Promise<void> {
    const { session } = this;
    if (session === undefined) return;
    const model = this.folder.file('model.onnx');
    const { graph, fault } = await compileTrees(model, session, () => encode(ORDINARY_ROWS)[0]!);
    this.trees = { areCompiled: graph !== undefined, fault };
    if (graph !== undefined) {
      // Nobody asks the runtime any more for what has become code.
      this.session = graph;
      session.release();
    } else if (this.isolation !== undefined && this.secondsPerRow === undefined) {
      const row = encode(1);
      this.secondsPerRow = await leastSeconds(() => session.run(row), this.isolation.budgetMs / 1000);
      if (!this.isSlow()) return;
      this.session = undefined;
      session.release();
      await this.openElsewhere();
    }
  }

  /** Gives back what is open, if anything is, without waiting for what runs. */
  async release(): Promise<void> {
    this.session?.release();
    await this.processes?.end();
  }

  private isSlow(): boolean {
    return (this.secondsPerRow ?? 0) * 1000 > (this.isolation?.budgetMs ?? Infinity);
  }

  private openHere(): OnnxSession {
    const inputs = this.folder.manifest.tensors.inputs.map(({ name }) => name);
    try {
      return OnnxSession.load(this.folder.file('model.onnx'), inputs, this.outputs);
    } catch (error) {
      throw new ArtifactFault(`model.onnx cannot be loaded: ${(error as Error).message}`);
    }
  }

  private async openElsewhere(): Promise<void> {
    const { manifest, modelDigest, path } = this.folder;
    const { model, version, tensors, tolerance } = manifest;
    const { processes, memoryBytes, threads } = this.isolation!;
    // Probabilities may be off in a last digit by the exponential alone, while raw scores are equal bit for bit.
    const allowsOtherSums = (tolerance.raw ?? tolerance.probability ?? 0) > 0;
    const graph = {
      digest: modelDigest,
      bytes: this.folder.file('model.onnx').length,
      inputs: tensors.inputs.map(({ name }) => name),
      outputs: this.outputs,
      tensors,
      threads: allowsOtherSums ? threads : 1,
    };
    const file = openModel(path);
    this.processes = await ModelProcesses.start(
      { model, version, graph, processes, memoryBytes },
      file,
      this.log,
    );
  }
}

/** Kept open for as long as it is served, so that processes find it also when its folder is gone. */
function openModel(folder: string): number {
  try {
    return openSync(join(folder, 'model.onnx'), 'r');
  } catch (error) {
    return cannotBeRead('model.onnx')(error as Error);
  }
}
