import type { ModelDefinition } from '../prediction/model-definition.js';
import { turnover } from './turnover/turnover.definition.js';

/** The models with a hand-shaped DTO. `npm run new:model` writes a folder; its line here is all the rest. */
export const MODEL_DEFINITIONS: readonly ModelDefinition[] = [turnover];
