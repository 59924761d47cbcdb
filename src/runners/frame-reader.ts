import { ARRAYS, type Description, type Frame, type FramedTensor, LENGTH_BYTES } from './tensor-frames.js';

const MOST_HEAD_BYTES = 2 ** 20;
const MOST_BYTES = 2 ** 31;

/** The other side does not speak as this one does, so nothing that it says can be trusted. */
export class MalformedFrame extends RangeError {}

/** Makes frames of bytes that come in pieces of any size: `target` is filled with the next ones, again and again. */
export class FrameReader {
  /** Where the next bytes belong. */
  target: Uint8Array = new Uint8Array(LENGTH_BYTES);
  private part: 'length' | 'head' | 'data' = 'length';
  private head: unknown;
  private tensors: { readonly described: Description; readonly bytes: Uint8Array }[] = [];
  private read = 0;

  /**
   * Is told that `target` is full; the next bytes belong into another.
   * @returns the frame, where these were its last bytes
   * @throws MalformedFrame where they cannot be those of one
   */
  filled(): Frame | undefined {
    if (this.part === 'length') {
      const length = Buffer.from(this.target.buffer).readUInt32LE();
      if (length === 0 || length > MOST_HEAD_BYTES) throw new MalformedFrame(`a head of ${length} bytes`);
      return this.expect('head', new Uint8Array(length));
    }
    if (this.part === 'head') this.readHead();
    else this.read++;
    while (this.tensors[this.read]?.bytes.byteLength === 0) this.read++;
    const next = this.tensors[this.read];
    return next === undefined ? this.end() : this.expect('data', next.bytes);
  }

  private expect(part: typeof this.part, target: Uint8Array): undefined {
    this.part = part;
    this.target = target;
  }

  private readHead(): void {
    const { head, tensors } = parse(this.target) as { head?: unknown; tensors?: readonly Description[] };
    if (!Array.isArray(tensors)) throw new MalformedFrame('no list of tensors');
    let sum = 0;
    for (const each of tensors as readonly unknown[]) {
      assertDescription(each);
      sum += each.bytes;
    }
    if (sum > MOST_BYTES) throw new MalformedFrame(`tensors of ${sum} bytes`);
    this.head = head;
    this.read = 0;
    // Memory as it comes, without zeros: every byte of it is written before it is read.
    this.tensors = tensors.map((described: Description) => ({
      described,
      bytes: Buffer.allocUnsafeSlow(described.bytes),
    }));
  }

  private end(): Frame {
    const { head, tensors } = this;
    this.tensors = [];
    this.expect('length', new Uint8Array(LENGTH_BYTES));
    return {
      head,
      tensors: tensors.map(({ described, bytes }) => ({
        data: dataOf(described, bytes),
        dims: described.dims,
      })),
    };
  }
}

function dataOf({ datatype, dims }: Description, bytes: Uint8Array): FramedTensor['data'] {
  if (datatype !== 'BYTES') return new ARRAYS[datatype as keyof typeof ARRAYS](bytes.buffer as ArrayBuffer);
  const texts = parse(bytes);
  const isList = Array.isArray(texts) && texts.every((each) => typeof each === 'string');
  if (!isList || texts.length !== sizeOf(dims))
    throw new MalformedFrame('texts that are none, or not as many');
  return texts;
}

function assertDescription(each: unknown): asserts each is Description {
  const { datatype, dims, bytes } = (each ?? {}) as { [K in keyof Description]?: unknown };
  if (!Array.isArray(dims) || ![...dims, bytes].every(isSize))
    throw new MalformedFrame('a tensor without a size');
  if (datatype === 'BYTES') return;
  const Numbers = Object.hasOwn(ARRAYS, String(datatype))
    ? ARRAYS[datatype as keyof typeof ARRAYS]
    : undefined;
  if (Numbers === undefined || bytes !== sizeOf(dims as number[]) * Numbers.BYTES_PER_ELEMENT)
    throw new MalformedFrame(`${String(bytes)} bytes for a tensor ${String(datatype)} [${dims.join(', ')}]`);
}

const isSize = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0;
const sizeOf = (dims: readonly number[]): number => dims.reduce((product, size) => product * size, 1);

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString()) ?? {};
  } catch {
    throw new MalformedFrame('words that are no JSON');
  }
}
