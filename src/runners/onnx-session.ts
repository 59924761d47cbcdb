import type { InferenceSession, Tensor } from 'onnxruntime-node';
import type { Binding } from 'onnxruntime-node/dist/binding.js';
import type { TensorSpec } from '../artifacts/manifest.js';
import type { LocalGraph, OutputData, Outputs, TensorData } from './graph.js';
import { shapesAgree, tensorText } from './tensor-shape.js';

// onnxruntime reports usage to its maker unless told otherwise before it is loaded.
process.env['ORT_DISABLE_TELEMETRY'] = '1';
const ort = await import('onnxruntime-node');
const { binding, initOrt } = await import('onnxruntime-node/dist/binding.js');

/** Datatypes as the Open Inference Protocol names them, with the number that the runtime gives them. */
const DATATYPES = { FP32: 1, INT32: 6, INT64: 7, BYTES: 8, BOOL: 9, FP64: 11 } as const;

const OPTIONS: InferenceSession.SessionOptions = {
  interOpNumThreads: 1,
  executionMode: 'sequential',
  graphOptimizationLevel: 'all',
  logSeverityLevel: 3,
  extra: { session: { intra_op: { allow_spinning: '0' }, inter_op: { allow_spinning: '0' } } },
};

/**
 * A small graph gains nothing from memory that is kept for it, a quarter of a MiB each; a larger one, whose tensors in
 * between are large too, runs a fifth quicker with it.
 */
const SMALL_GRAPH_BYTES = 2 ** 20;
const SMALL: InferenceSession.SessionOptions = {
  ...OPTIONS,
  enableCpuMemArena: false,
  enableMemPattern: false,
};

/**
 * One loaded ONNX model; the only place that knows onnxruntime. One thread, because more break bit-equality of tree sums;
 * more only where the manifest's tolerance leaves room for that, in processes of their own.
 *
 * The package's own `run` computes on the event loop just as this one does, but waits a turn of the loop before: rows
 * that have been waiting for their batch would wait twice, half of the next batch would come in between, and the fixed
 * costs of a run and a write would be paid for half as many rows. So this calls what the package calls. Its version is
 * pinned, and the golden samples run through here at every start.
 */
export class OnnxSession implements LocalGraph {
  private constructor(
    private readonly session: Binding.InferenceSession,
    private readonly inputs: readonly string[],
    private readonly outputs: readonly string[],
  ) {}

  /**
   * Loads from bytes that have been checked, never from a path: no external data, no change between check and load.
   * `inputs` and `outputs` name the tensors that are given and fetched, of which the graph may have more.
   * @throws Error of the runtime if the bytes are not a model that it knows.
   */
  static load(
    model: Uint8Array,
    inputs: readonly string[],
    outputs: readonly string[],
    threads = 1,
  ): OnnxSession {
    initOrt();
    const session = new binding.InferenceSession();
    const options = {
      ...(model.byteLength < SMALL_GRAPH_BYTES ? SMALL : OPTIONS),
      intraOpNumThreads: threads,
    };
    session.loadModel(model.buffer as ArrayBuffer, model.byteOffset, model.byteLength, options);
    return new OnnxSession(session, inputs, outputs);
  }

  /** @returns what differs between the graph's tensors and the manifest's; none: they agree. */
  differences(tensors: { inputs: readonly TensorSpec[]; outputs: readonly TensorSpec[] }): string[] {
    const { inputMetadata, outputMetadata } = this.session;
    return [
      ...differences('input', tensors.inputs, inputMetadata),
      ...differences('output', tensors.outputs, outputMetadata),
    ];
  }

  run(tensors: readonly TensorData[]): Outputs {
    const feeds: Record<string, Tensor> = {};
    for (const [index, { data, dims }] of tensors.entries())
      feeds[this.inputs[index]!] = new ort.Tensor(typeName(data), data, dims);
    const fetches: Record<string, null> = {};
    for (const name of this.outputs) fetches[name] = null;
    const results = this.session.run(feeds, fetches, {});
    const outputs: Record<string, OutputData> = {};
    for (const name of this.outputs) outputs[name] = (results[name] as Tensor).data;
    return outputs;
  }

  release(): void {
    this.session.dispose();
  }
}

function typeName(data: TensorData['data']): 'float64' | 'float32' | 'int64' | 'string' {
  if (data instanceof Float64Array) return 'float64';
  if (data instanceof Float32Array) return 'float32';
  return data instanceof BigInt64Array ? 'int64' : 'string';
}

function differences(
  kind: string,
  specs: readonly TensorSpec[],
  found: readonly Binding.ValueMetadata[],
): string[] {
  const agree = (spec: TensorSpec, { name, isTensor, type, shape }: Binding.ValueMetadata): boolean =>
    isTensor && spec.name === name && DATATYPES[spec.datatype] === type && shapesAgree(spec.shape, shape);
  if (specs.length === found.length && specs.every((spec, index) => agree(spec, found[index]!))) return [];
  const expected = specs.map(({ name, datatype, shape }) => tensorText(name, datatype, shape));
  const actual = found.map(({ name, isTensor, type, shape }) =>
    isTensor ? tensorText(name, datatypeName(type), shape) : `${name}, which is no tensor`,
  );
  return [`${kind} tensors: the manifest says ${expected.join('; ')}, the graph has ${actual.join('; ')}`];
}

function datatypeName(type: number): string {
  return Object.entries(DATATYPES).find(([, number]) => number === type)?.[0] ?? `type ${type}`;
}
