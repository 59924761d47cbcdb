import type { InferenceSession, Tensor } from 'onnxruntime-node';
import type { TensorSpec } from '../artifacts/manifest.js';

// onnxruntime reports usage to its maker unless told otherwise before it is loaded.
process.env['ORT_DISABLE_TELEMETRY'] = '1';
const ort = await import('onnxruntime-node');

/** A tensor on its way into the runtime: its data in row-major order and its shape. */
export interface TensorData {
  readonly data: Float64Array | Float32Array | BigInt64Array | Int32Array;
  readonly dims: readonly number[];
}

export type OutputData = Tensor['data'];

const DATATYPES = {
  FP64: 'float64',
  FP32: 'float32',
  INT64: 'int64',
  INT32: 'int32',
  BOOL: 'bool',
  BYTES: 'string',
} as const;

/**
 * One loaded ONNX model; the only place that knows onnxruntime. `run` looks asynchronous and is not: the runtime
 * computes on the event loop, one `setImmediate` later. One thread, because more break bit-equality of tree sums.
 */
export class OnnxSession {
  private constructor(private readonly session: InferenceSession) {}

  /** Loads from bytes that have been checked, never from a path: no external data, no change between check and load. */
  static async load(model: Uint8Array): Promise<OnnxSession> {
    return new OnnxSession(
      await ort.InferenceSession.create(model, {
        intraOpNumThreads: 1,
        interOpNumThreads: 1,
        executionMode: 'sequential',
        graphOptimizationLevel: 'all',
        logSeverityLevel: 3,
        extra: { session: { intra_op: { allow_spinning: '0' }, inter_op: { allow_spinning: '0' } } },
      }),
    );
  }

  /** @returns what differs between the graph's tensors and the manifest's; none: they agree. */
  differences(tensors: { inputs: readonly TensorSpec[]; outputs: readonly TensorSpec[] }): string[] {
    const { inputMetadata, outputMetadata } = this.session;
    return [
      ...differences('input', tensors.inputs, inputMetadata),
      ...differences('output', tensors.outputs, outputMetadata),
    ];
  }

  /** Runs one batch. Names are those of the graph; `fetches` are the outputs wanted. */
  async run(
    feeds: readonly (readonly [name: string, TensorData])[],
    fetches: readonly string[],
  ): Promise<Readonly<Record<string, OutputData>>> {
    const tensors: Record<string, Tensor> = {};
    for (const [name, { data, dims }] of feeds) tensors[name] = new ort.Tensor(typeName(data), data, dims);
    const results = await this.session.run(tensors, fetches as string[]);
    const outputs: Record<string, OutputData> = {};
    for (const name of fetches) outputs[name] = results[name]!.data;
    return outputs;
  }

  async release(): Promise<void> {
    await this.session.release();
  }
}

function typeName(data: TensorData['data']): 'float64' | 'float32' | 'int64' | 'int32' {
  if (data instanceof Float64Array) return 'float64';
  if (data instanceof Float32Array) return 'float32';
  return data instanceof BigInt64Array ? 'int64' : 'int32';
}

function differences(
  kind: string,
  specs: readonly TensorSpec[],
  found: readonly InferenceSession.ValueMetadata[],
): string[] {
  const expected = specs.map(
    ({ name, datatype, shape }) => `${name} ${DATATYPES[datatype]} rank ${shape.length}`,
  );
  const actual = found.map((each) =>
    each.isTensor ? `${each.name} ${each.type} rank ${each.shape.length}` : each.name,
  );
  return expected.join('; ') === actual.join('; ')
    ? []
    : [`${kind} tensors: the manifest says ${expected.join('; ')}, the graph has ${actual.join('; ')}`];
}
