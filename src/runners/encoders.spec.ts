import type { EncodingSpec, InputSpec, Manifest, TensorSpec } from '../artifacts/manifest.js';
import { createEncoder } from './encoders.js';

const input = (name: string, type: InputSpec['type']): InputSpec => ({
  name,
  type,
  description: name,
  example: type === 'text' ? 'x' : 1,
});
const INPUTS = [input('size', 'number'), input('town', 'text')];
const SIZE = { encoder: 'tabular', columns: [{ name: 'size', input: 'size' }] } as const;
const TOWN = { encoder: 'string', input: 'town' } as const;
const features: TensorSpec = { name: 'features', datatype: 'FP64', shape: [-1, 1] };
const town: TensorSpec = { name: 'town', datatype: 'BYTES', shape: [-1, 1] };
const ROWS = [
  { size: 1.5, town: 'Zürich' },
  { size: 2, town: '' },
];

function encoderOf(encoding: EncodingSpec, inputs: readonly TensorSpec[]): ReturnType<typeof createEncoder> {
  const manifest = { inputs: INPUTS, encoding, tensors: { inputs, outputs: [] } } as unknown as Manifest;
  return createEncoder({ manifest, json: () => ({ terms: ['a'], idf: [1] }) });
}

describe('the encoder of a manifest', () => {
  it('hands a string over as it is', () => {
    expect(encoderOf(TOWN, [town]).encode(ROWS)).toEqual([{ data: ['Zürich', ''], dims: [2, 1] }]);
  });

  it('fills the tensors part by part, in their order', () => {
    const encoder = encoderOf({ encoder: 'parts', parts: [SIZE, TOWN] }, [features, town]);

    expect(encoder.encode(ROWS)).toEqual([
      { data: new Float64Array([1.5, 2]), dims: [2, 1] },
      { data: ['Zürich', ''], dims: [2, 1] },
    ]);
  });

  it.each([
    [{ encoder: 'parts', parts: [SIZE] }, [features, town], 'no part fills the tensor town'],
    [{ encoder: 'parts', parts: [SIZE, TOWN] }, [features], '"town" needs a BYTES tensor of one column'],
    [TOWN, [features], '"town" needs a BYTES tensor of one column'],
    [TOWN, [{ ...town, shape: [-1, 2] }], '"town" needs a BYTES tensor of one column'],
  ] as const)('is refused where parts and tensors do not fit: %j', (encoding, tensors, reason) => {
    expect(() => encoderOf(encoding, tensors)).toThrow(reason);
  });
});
