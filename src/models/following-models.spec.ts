import { followingModels } from './following-models.js';
import { ModelRegistry } from './model-registry.js';

const state = (name: string) => ({ name, aliases: {}, versions: [] });

describe('what is made of the models', () => {
  it('is made once for each change that is asked about', () => {
    const registry = new ModelRegistry();
    let made = 0;
    const names = followingModels(registry, () => {
      made++;
      return registry.all().map(({ name }) => name);
    });
    registry.set(state('a'));
    registry.set(state('b'));
    expect([names(), names(), made]).toEqual([['a', 'b'], ['a', 'b'], 1]);
    registry.set(state('b'));
    expect([names(), made]).toEqual([['a', 'b'], 1]);
    registry.delete('a');
    expect([names(), made]).toEqual([['b'], 2]);
  });
});
