import type { OutputData } from './graph.js';

/** A tensor as it crosses a socket, in either direction. */
export interface FramedTensor {
  readonly data: OutputData | readonly string[];
  readonly dims: readonly number[];
}

/** What one process tells the other: a few words, and tensors. */
export interface Frame<Head = unknown> {
  readonly head: Head;
  readonly tensors: readonly FramedTensor[];
}

/** How a tensor stands in the head of a frame. */
export interface Description {
  readonly datatype: string;
  readonly dims: readonly number[];
  /** Of its data; for texts, those of the JSON that lists them. */
  readonly bytes: number;
}

/** Arrays by the names that the Open Inference Protocol has for their datatypes; texts are `BYTES`. */
export const ARRAYS = {
  FP64: Float64Array,
  FP32: Float32Array,
  INT64: BigInt64Array,
  INT32: Int32Array,
  BOOL: Uint8Array,
} as const;
type Numbers = InstanceType<(typeof ARRAYS)[keyof typeof ARRAYS]>;

export const LENGTH_BYTES = 4;

/**
 * A frame as the pieces that are sent one after another: four bytes with the length of the head, the head as JSON, and the
 * data of each tensor as it lies in memory (both ends are on one machine). Nothing of the numbers is copied.
 */
export function piecesOf(head: object, tensors: readonly FramedTensor[] = []): Uint8Array[] {
  const bodies = tensors.map(({ data }) => bytesOf(data));
  const described = tensors.map(({ data, dims }, index): Description => {
    return { datatype: datatypeOf(data), dims, bytes: bodies[index]!.byteLength };
  });
  const text = JSON.stringify({ head, tensors: described });
  const start = Buffer.allocUnsafe(LENGTH_BYTES + Buffer.byteLength(text));
  start.writeUInt32LE(start.length - LENGTH_BYTES);
  start.write(text, LENGTH_BYTES);
  return [start, ...bodies.filter(({ byteLength }) => byteLength > 0)];
}

function datatypeOf(data: FramedTensor['data']): string {
  if (Array.isArray(data)) return 'BYTES';
  const found = Object.entries(ARRAYS).find(([, Numbers]) => data instanceof Numbers);
  if (found === undefined) throw new TypeError(`no tensor is made of ${data.constructor.name}`);
  return found[0];
}

/** Texts as JSON, which keeps half a surrogate pair as it is. */
function bytesOf(data: FramedTensor['data']): Uint8Array {
  if (Array.isArray(data)) return Buffer.from(JSON.stringify(data));
  const { buffer, byteOffset, byteLength } = data as Numbers;
  return new Uint8Array(buffer, byteOffset, byteLength);
}
