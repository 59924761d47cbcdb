import { FrameReader, MalformedFrame } from './frame-reader.js';
import { type Frame, type FramedTensor, piecesOf } from './tensor-frames.js';

const TENSORS: readonly FramedTensor[] = [
  { data: new Float64Array([1.5, NaN, -0, 5e-324]), dims: [2, 2] },
  { data: new Float32Array([Infinity, 1e-45]), dims: [2, 1] },
  { data: new BigInt64Array([-(2n ** 63n), 2n ** 63n - 1n]), dims: [2] },
  { data: new Int32Array([-1]), dims: [1, 1] },
  { data: new Uint8Array([1, 0, 1]), dims: [3] },
  { data: ['', 'zwölf', '\ud800 half', 'a\0b'], dims: [4, 1] },
  { data: new Float64Array(0), dims: [0, 7] },
  { data: [], dims: [0] },
];

/** What a reader makes of bytes that come `size` at a time. */
function read(bytes: Uint8Array, size = bytes.length): Frame[] {
  const reader = new FrameReader();
  const frames: Frame[] = [];
  let filled = 0;
  for (let at = 0; at < bytes.length; at += size) {
    let piece = bytes.subarray(at, at + size);
    while (piece.length > 0) {
      const some = piece.subarray(0, reader.target.length - filled);
      reader.target.set(some, filled);
      filled += some.length;
      piece = piece.subarray(some.length);
      if (filled < reader.target.length) break;
      filled = 0;
      const frame = reader.filled();
      if (frame !== undefined) frames.push(frame);
    }
  }
  return frames;
}

const bytesOf = (text: string): Buffer => {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(Buffer.byteLength(text));
  return Buffer.concat([length, Buffer.from(text)]);
};
const described = (...tensors: unknown[]): Buffer => bytesOf(JSON.stringify({ head: {}, tensors }));

describe('a frame', () => {
  const bytes = Buffer.concat([
    ...piecesOf({ kind: 'first' }, TENSORS),
    ...piecesOf({ kind: 'second' }),
    ...piecesOf({ kind: 'third' }, TENSORS.slice(6)),
  ]);
  const frames = [
    { head: { kind: 'first' }, tensors: TENSORS },
    { head: { kind: 'second' }, tensors: [] },
    { head: { kind: 'third' }, tensors: TENSORS.slice(6) },
  ];

  it('is read as it was written, bit for bit, however it is cut', () => {
    for (let size = 1; size <= bytes.length; size++) expect(read(bytes, size)).toEqual(frames);
  });

  it('may be large', () => {
    const data = new Float64Array(8_000_000).fill(0.1);
    const [frame] = read(Buffer.concat(piecesOf({}, [{ data, dims: [data.length] }])), 65_536);

    expect(
      Buffer.compare(Buffer.from((frame!.tensors[0]!.data as Float64Array).buffer), Buffer.from(data.buffer)),
    ).toBe(0);
  });

  it('holds the numbers themselves, and of a part of an array that part alone', () => {
    const all = new Float64Array([1, 2, 3, 4]);
    const [, body] = piecesOf({}, [{ data: all.subarray(1, 3), dims: [2] }]);

    expect(body!.buffer).toBe(all.buffer);
    expect(body!.byteLength).toBe(16);
  });

  it.each([
    ['a head of no length', Buffer.alloc(4)],
    ['a head beyond all measure', Buffer.from([255, 255, 255, 255])],
    ['a head that is no JSON', bytesOf('{"head":')],
    ['a head that is null', bytesOf('null')],
    ['no tensors', bytesOf('{"head":{}}')],
    ['a tensor that is null', described(null)],
    ['a datatype of another kind', described({ datatype: 'FP16', dims: [1], bytes: 2 })],
    ['a datatype that every object has', described({ datatype: 'constructor', dims: [1], bytes: 8 })],
    ['a size that does not fit', described({ datatype: 'FP64', dims: [2, 2], bytes: 24 })],
    ['a negative size', described({ datatype: 'FP64', dims: [-1, -1], bytes: 8 })],
    ['a size that is none', described({ datatype: 'FP64', dims: ['1'], bytes: 8 })],
    ['more than there may be', described({ datatype: 'FP64', dims: [2 ** 30], bytes: 2 ** 33 })],
    [
      'texts of another number',
      Buffer.concat([described({ datatype: 'BYTES', dims: [2], bytes: 5 }), Buffer.from('["a"]')]),
    ],
    [
      'texts that are numbers',
      Buffer.concat([described({ datatype: 'BYTES', dims: [1], bytes: 3 }), Buffer.from('[1]')]),
    ],
    ['no texts at all', described({ datatype: 'BYTES', dims: [1], bytes: 0 })],
  ])('is refused with %s', (_, malformed) => {
    expect(() => read(malformed)).toThrow(MalformedFrame);
  });
});
