import { ArtifactFault } from '../artifacts/artifact-fault.js';
import { ModelRegistry } from './model-registry.js';
import type { ModelVersion } from './model-version.js';

const FOLDER = { name: 'model', versions: ['1', '2', '3'], aliases: { champion: '1' } };
const version = { release: () => undefined } as unknown as ModelVersion;
const load = (fault: Error): Promise<ModelRegistry> =>
  ModelRegistry.load([FOLDER], async (_, name) => {
    if (name === '2') throw fault;
    return Promise.resolve(version);
  });

describe('a version that does not load', () => {
  it('is kept with its reason, and the others are loaded', async () => {
    const registry = await load(new ArtifactFault('model.onnx is missing'));

    expect(registry.state('model').versions).toEqual([
      { version: '1', loaded: version },
      { version: '2', reason: 'model.onnx is missing' },
      { version: '3', loaded: version },
    ]);
  });

  it.each([new TypeError('no such rule'), new RangeError('too long')])(
    'stops the start where that is a fault of the program: %s',
    async (fault) => {
      await expect(load(fault)).rejects.toBe(fault);
    },
  );
});
