import { ModelRegistry, type ModelState, type VersionPhase } from './model-registry.js';
import type { ModelVersion } from './model-version.js';

const version = { manifest: { version: '1' } } as unknown as ModelVersion;
const model = (phase: VersionPhase, rest: Partial<ModelState> = {}): ModelState => ({
  name: 'm',
  aliases: {},
  versions: [{ version: '1', phase, ...(phase === 'ready' && { loaded: version }) }],
  ...rest,
});

function registryWith(state: ModelState): ModelRegistry {
  const registry = new ModelRegistry();
  registry.opensBy(() => Promise.resolve(version));
  registry.set(state);
  return registry;
}

describe('a version asked for by its number', () => {
  it('answers at once where it is ready', () => {
    expect(registryWith(model('ready')).version('m', '1')).toBe(version);
  });

  it.each(['available', 'loading', 'retiring'] as const)('is waited for while it is %s', async (phase) => {
    const found = registryWith(model(phase)).version('m', '1');
    expect(found).toBeInstanceOf(Promise);
    expect(await found).toBe(version);
  });

  it('is not found where it is refused, or not there', () => {
    const registry = registryWith(model('refused'));
    expect(() => registry.version('m', '1')).toThrow('has no usable version "1"');
    expect(() => registry.version('m', '2')).toThrow('has no usable version "2"');
    expect(() => registry.version('n', '1')).toThrow('no model "n"');
  });
});

describe('the order of models', () => {
  it('is by name, with numbers by their value, whoever came first', () => {
    const names = ['iris', 'iris-1', 'iris-2', 'iris-10', 'sentiment', 'sentiment-deep'];
    const registry = new ModelRegistry();
    for (const name of names.toReversed()) registry.set(model('ready', { name }));
    expect(registry.all().map(({ name }) => name)).toEqual(names);
    registry.set(model('ready', { name: 'iris-01' }));
    registry.delete('iris-2');
    expect(registry.all().map(({ name }) => name)).toEqual([
      'iris',
      'iris-01',
      'iris-1',
      'iris-10',
      'sentiment',
      'sentiment-deep',
    ]);
  });
});

describe('the count of changes', () => {
  it('grows with what changes, and not with what is told again', () => {
    const registry = registryWith(model('ready'));
    const { changes } = registry;
    registry.set(model('ready'));
    expect(registry.changes).toBe(changes);
    registry.set(model('ready', { champion: version, aliases: { champion: '1' } }));
    registry.set(model('refused'));
    registry.set(model('refused', { reason: 'torn' }));
    registry.delete('m');
    registry.delete('m');
    expect(registry.changes).toBe(changes + 4);
  });
});
