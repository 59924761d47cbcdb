import type { ModelRegistry } from './model-registry.js';

/** Gives what `make` makes of the models as they stand; made anew where it is asked for after one of them has changed. */
export function followingModels<T>(registry: ModelRegistry, make: () => T): () => T {
  let madeAt = -1;
  let made: T;
  return () => {
    if (madeAt !== registry.changes) {
      madeAt = registry.changes;
      made = make();
    }
    return made;
  };
}
