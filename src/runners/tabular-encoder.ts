import type { ColumnSpec, EncodingSpec, InputSpec, Manifest } from '../artifacts/manifest.js';
import { ArtifactFault } from '../artifacts/artifact-fault.js';
import { epochSeconds } from '../inputs/date-time.js';
import type { Row } from '../inputs/input-check.js';
import type { Encoder } from './encoder.js';
import type { Floats, TensorData } from './graph.js';
import { shapesAgree, tensorText } from './tensor-shape.js';

/** Writes one input of a row into the tensor, `base` being where the row begins. */
type Writer = (row: Row, tensor: Floats, base: number) => void;

/** Numbers as they are (missing ones as NaN), and what tables make of other values, in one tensor `[rows, columns]`. */
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
    const columns = Map.groupBy(
      encoding.columns.map((column, index) => ({ ...column, index })),
      (column) => column.input,
    );
    this.writers = inputs.flatMap((input) => writersOf(input, columns.get(input.name) ?? []));
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

type PlacedColumn = ColumnSpec & { readonly index: number };

/** What a column gives for each value that its table has, for null where it is missing, and for all others. */
interface Lookup {
  readonly index: number;
  readonly numbers: ReadonlyMap<unknown, number>;
  readonly unknown: number;
}

function writersOf(input: InputSpec, columns: readonly PlacedColumn[]): Writer[] {
  const plain = columns.filter(({ table }) => table === undefined);
  assertTaken(input, columns);
  const lookups = columns.flatMap((column) => (column.table === undefined ? [] : [lookup(input, column)]));
  return [
    ...plain.map(({ index }) => (input.type === 'datetime' ? time : number)(input, index)),
    ...hotPlaces(lookups.filter(isHot)).map((places) => oneHot(input.name, places)),
    ...lookups.filter((each) => !isHot(each)).map((each) => looked(input.name, each)),
  ];
}

/** @throws ArtifactFault where the input may have values that a column has no number for. */
function assertTaken({ name, type, open, nullable }: InputSpec, columns: readonly PlacedColumn[]): void {
  const fault = (reason: string): ArtifactFault =>
    new ArtifactFault(`manifest.json/encoding: "${name}" ${reason}`);
  for (const { table, unknown, missing } of columns) {
    if (table === undefined) {
      if (type === 'category' || type === 'text')
        throw fault(`is of type ${type} and needs a table from its values to numbers`);
      continue;
    }
    if (open && unknown === undefined) throw fault('is open, but a table of it has no "unknown"');
    if (nullable && missing === undefined) throw fault('is nullable, but a table of it has no "missing"');
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

function time({ name }: InputSpec, index: number): Writer {
  return (row, tensor, base) => {
    const value = row[name];
    tensor[base + index] = typeof value === 'string' ? epochSeconds(value) : Number.NaN;
  };
}

function lookup(input: InputSpec, { table = {}, unknown = 0, missing = 0, index }: PlacedColumn): Lookup {
  const numbers = new Map<unknown, number>(
    Object.entries(table).map(([key, value]) => [valueOf(input, key), value ?? Number.NaN]),
  );
  for (const gap of [null, ...(input.missing_values ?? [])]) numbers.set(gap, missing ?? Number.NaN);
  return { index, numbers, unknown: unknown ?? Number.NaN };
}

/** The value of an input that a key of a table stands for. */
function valueOf({ name, type }: InputSpec, key: string): unknown {
  if (type === 'category') return key;
  const value = jsonOf(key);
  if (typeof value === 'number' && (type === 'number' || type === 'integer')) return value;
  if (typeof value === 'boolean' && type === 'boolean') return value;
  throw new ArtifactFault(
    `manifest.json/encoding: "${key}" is no value of "${name}", which is of type ${type}`,
  );
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const isHot = ({ numbers, unknown }: Lookup): boolean =>
  unknown === 0 && [...numbers.values()].every((each) => each === 0 || each === 1);

/** Where each value has its 1: one look for all columns together, as long as no value has it in two of them. */
function hotPlaces(lookups: readonly Lookup[]): ReadonlyMap<unknown, number>[] {
  const groups: Map<unknown, number>[] = [];
  for (const { index, numbers } of lookups) {
    const hot = [...numbers].flatMap(([value, each]) => (each === 1 ? [value] : []));
    let places = groups.find((group) => !hot.some((value) => group.has(value)));
    if (places === undefined) groups.push((places = new Map()));
    for (const value of hot) places.set(value, index);
  }
  return groups;
}

function oneHot(name: string, places: ReadonlyMap<unknown, number>): Writer {
  return (row, tensor, base) => {
    const place = places.get(row[name] ?? null);
    if (place !== undefined) tensor[base + place] = 1;
  };
}

function looked(name: string, { index, numbers, unknown }: Lookup): Writer {
  return (row, tensor, base) => {
    tensor[base + index] = numbers.get(row[name] ?? null) ?? unknown;
  };
}
