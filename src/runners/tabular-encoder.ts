import type { EncodingSpec, InputSpec, Manifest } from '../artifacts/manifest.js';
import { ArtifactFault } from '../artifacts/artifact-fault.js';
import type { Row } from '../inputs/input-check.js';
import type { Encoder } from './encoder.js';
import type { Floats, TensorData } from './graph.js';
import { shapesAgree, tensorText } from './tensor-shape.js';

/** Writes one input of a row into the tensor, `base` being where the row begins. */
type Writer = (row: Row, tensor: Floats, base: number) => void;

/** Numbers as they are (missing ones as NaN), categories one-hot, all in one tensor `[rows, columns]`. */
export class TabularEncoder implements Encoder {
  private readonly width: number;
  private readonly Tensor: typeof Float64Array | typeof Float32Array;
  private readonly writers: readonly Writer[];

  constructor(
    inputs: readonly InputSpec[],
    encoding: Extract<EncodingSpec, { encoder: 'tabular' }>,
    tensors: Manifest['tensors'],
  ) {
    const [tensor] = tensors.inputs;
    if (tensor === undefined || !['FP64', 'FP32'].includes(tensor.datatype)) {
      throw new ArtifactFault('manifest.json/encoding: a tabular encoding needs one FP64 or FP32 tensor');
    }
    this.Tensor = tensor.datatype === 'FP64' ? Float64Array : Float32Array;
    this.width = encoding.columns.length;
    const { name, datatype, shape } = tensor;
    if (!shapesAgree(shape, [-1, this.width])) {
      const text = tensorText(name, datatype, shape);
      throw new ArtifactFault(`manifest.json/encoding: ${this.width} columns do not fit the tensor ${text}`);
    }
    this.writers = inputs.flatMap((input) => {
      const columns = encoding.columns.flatMap((column, index) =>
        column.input === input.name ? [{ ...column, index }] : [],
      );
      if (input.type === 'category') return [oneHot(input.name, columns)];
      return columns.map(({ index }) => number(input, index));
    });
  }

  encode(rows: readonly Row[]): readonly TensorData[] {
    const { width, writers } = this;
    const data = new this.Tensor(rows.length * width);
    for (let index = 0; index < rows.length; index++) {
      for (const write of writers) write(rows[index]!, data, index * width);
    }
    return [{ data, dims: [rows.length, width] }];
  }
}

function number({ name, missing_values }: InputSpec, index: number): Writer {
  if (missing_values === undefined) {
    return (row, tensor, base) => {
      tensor[base + index] = (row[name] as number | null | undefined) ?? Number.NaN;
    };
  }
  const meansMissing = new Set<unknown>(missing_values);
  return (row, tensor, base) => {
    const value = row[name];
    tensor[base + index] = meansMissing.has(value)
      ? Number.NaN
      : ((value as number | null | undefined) ?? Number.NaN);
  };
}

function oneHot(
  name: string,
  columns: readonly { readonly category?: string; readonly index: number }[],
): Writer {
  const places = new Map<unknown, number>(columns.map(({ category, index }) => [category, index]));
  return (row, tensor, base) => {
    const place = places.get(row[name]);
    if (place !== undefined) tensor[base + place] = 1;
  };
}
