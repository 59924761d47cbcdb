import type { Tensor } from 'onnxruntime-node';

/** Arrays of the two precisions in which a graph may reckon. */
export const FLOATS = { FP64: Float64Array, FP32: Float32Array } as const;
export type Floats = Float64Array | Float32Array;

/** A tensor on its way into a graph: its data in row-major order and its shape. */
export interface TensorData {
  readonly data: Floats | BigInt64Array | readonly string[];
  readonly dims: readonly number[];
}

export type OutputData = Tensor['data'];

/** What the graph gave, by the names of its outputs. */
export type Outputs = Readonly<Record<string, OutputData>>;

/** What a graph gave that runs elsewhere, and the seconds that the run took there, without those that it waited. */
export interface Ran {
  readonly outputs: Outputs;
  readonly seconds: number;
}

/** A model that is loaded, wherever it runs. `tensors` stand in the order of the manifest's inputs. */
export interface Graph {
  /**
   * Runs one batch: at once on the event loop, or by a promise elsewhere.
   * @param deadline on the monotonic clock, in milliseconds: what runs elsewhere is ended then
   * @param abandoned aborts when nobody waits for what runs elsewhere any more
   */
  run(tensors: readonly TensorData[], deadline: number, abandoned?: AbortSignal): Outputs | Promise<Ran>;
  /** Gives back what it holds; nothing is run any more. */
  release(): void | Promise<void>;
}

/** A graph in this process: a session of the runtime, or trees as code. Who runs it need not know which. */
export interface LocalGraph extends Graph {
  run(tensors: readonly TensorData[]): Outputs;
  release(): void;
}
