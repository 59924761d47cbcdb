import type { ModelDefinition } from '../model-definition.js';
import { IrisInput } from './iris.dto.js';

export const iris: ModelDefinition = { name: 'iris', input: IrisInput };
