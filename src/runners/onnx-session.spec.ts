import type { TensorSpec } from '../artifacts/manifest.js';
import { OnnxSession } from './onnx-session.js';

// x: FP32 [batch, 2] → ZipMap → z: a list of maps, which converters append to a classifier unless told otherwise.
const ZIPMAP =
  'CAo6awo3CgF4EgF6IgZaaXBNYXAqGwoSY2xhc3NsYWJlbHNfaW50NjRzQABAAaABBzoKYWkub25ueC5tbBIBZ1oYCgF4EhMKEQgBEg0KBxIFYmF0Y2gKAggCYhMKAXoSDiIMCgoqCAgHEgQKAggBQgQKABAVQg4KCmFpLm9ubngubWwQBQ==';
const x = (shape: readonly number[]): TensorSpec => ({ name: 'x', datatype: 'FP32', shape });
const z: TensorSpec = { name: 'z', datatype: 'FP32', shape: [-1, 2] };

describe('the tensors of a graph', () => {
  const session = OnnxSession.load(Buffer.from(ZIPMAP, 'base64'), ['x'], ['z']);
  afterAll(() => session.release());

  it.each([[[-1, 2]], [[-1, -1]], [[128, 2]]])('may have the shape %j where theirs is [-1, 2]', (shape) => {
    const found = session.differences({ inputs: [x(shape)], outputs: [z] });

    expect(found).toEqual([expect.stringMatching(/^output/)]);
  });

  it.each([[[-1, 3]], [[-1]], [[-1, 2, 1]]])('differ from the shape %j where theirs is [-1, 2]', (shape) => {
    expect(session.differences({ inputs: [x(shape)], outputs: [z] })[0]).toBe(
      `input tensors: the manifest says x FP32 [${shape.join(', ')}], the graph has x FP32 [-1, 2]`,
    );
  });

  it('are named also where one is none', () => {
    expect(session.differences({ inputs: [x([-1, 2])], outputs: [z] })).toEqual([
      'output tensors: the manifest says z FP32 [-1, 2], the graph has z, which is no tensor',
    ]);
  });
});
