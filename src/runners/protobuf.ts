/** A field of a protobuf message: a number for varints, bytes for everything that has a length. */
interface Field {
  readonly number: number;
  readonly value: number | Uint8Array;
}

const VARINT = 0;
const FIXED64 = 1;
const BYTES = 2;
const FIXED32 = 5;

/** The fields of one protobuf message, as far as a graph needs them (protobuf.dev/programming-guides/encoding). */
export class Message {
  private readonly fields: readonly Field[];

  /** @throws RangeError if the bytes are not a message. */
  constructor(bytes: Uint8Array) {
    this.fields = [...fieldsOf(bytes)];
  }

  has(number: number): boolean {
    return this.fields.some((field) => field.number === number);
  }

  /** How often the field stands. */
  count(number: number): number {
    return this.all(number).length;
  }

  /** The last value counts where a field stands twice. */
  bytes(number: number): Uint8Array | undefined {
    return this.all(number).findLast((value) => value instanceof Uint8Array);
  }

  text(number: number): string {
    return this.texts(number).at(-1) ?? '';
  }

  integer(number: number): number | undefined {
    return this.all(number).findLast((value) => typeof value === 'number');
  }

  messages(number: number): Message[] {
    return this.all(number).flatMap((value) => (value instanceof Uint8Array ? [new Message(value)] : []));
  }

  texts(number: number): string[] {
    return this.all(number).flatMap((value) =>
      value instanceof Uint8Array ? [new TextDecoder().decode(value)] : [],
    );
  }

  /** Repeated integers, packed or one by one. */
  integers(number: number): number[] {
    return this.all(number).flatMap((value) => (typeof value === 'number' ? [value] : [...varints(value)]));
  }

  private all(number: number): (number | Uint8Array)[] {
    return this.fields.filter((field) => field.number === number).map(({ value }) => value);
  }
}

function* fieldsOf(bytes: Uint8Array): Generator<Field> {
  const reader = { bytes, at: 0 };
  while (reader.at < bytes.length) {
    const key = varint(reader);
    const kind = key % 8;
    const number = Math.floor(key / 8);
    if (kind === VARINT) yield { number, value: varint(reader) };
    else if (kind === BYTES) yield { number, value: take(reader, varint(reader)) };
    // Floats and doubles one by one stand in no field that is asked for.
    else if (kind === FIXED64) take(reader, 8);
    else if (kind === FIXED32) take(reader, 4);
    else throw new RangeError(`unknown kind of field: ${kind}`);
  }
}

function* varints(bytes: Uint8Array): Generator<number> {
  const reader = { bytes, at: 0 };
  while (reader.at < bytes.length) yield varint(reader);
}

interface Reader {
  readonly bytes: Uint8Array;
  at: number;
}

/** Exact below 2^53; what is larger, negative numbers among it, is larger than any index all the same. */
function varint(reader: Reader): number {
  let value = 0;
  for (let factor = 1; ; factor *= 128) {
    const byte = reader.bytes[reader.at++];
    if (byte === undefined) throw new RangeError('the message ends within a number');
    value += (byte & 0x7f) * factor;
    if (byte < 0x80) return value;
  }
}

function take(reader: Reader, length: number): Uint8Array {
  const end = reader.at + length;
  if (end > reader.bytes.length) throw new RangeError('the message ends within a field');
  const taken = reader.bytes.subarray(reader.at, end);
  reader.at = end;
  return taken;
}
