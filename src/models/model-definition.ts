import type { InputClass } from '../inputs/input-schema.js';

/** A model with a hand-shaped DTO. One without is served as well; its DTO is then made from the manifest. */
export interface ModelDefinition {
  readonly name: string;
  readonly input: InputClass;
}
