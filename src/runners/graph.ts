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

/** A model that is loaded: a session of the runtime, or its trees as code. Who runs it need not know which. */
export interface Graph {
  /** Runs one batch, on the event loop; `tensors` stand in the order of the manifest's inputs. */
  run(tensors: readonly TensorData[]): Outputs;
  release(): void;
}
