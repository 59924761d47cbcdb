import type { ModelDefinition } from '../model-definition.js';
import { TurnoverInput } from './turnover.dto.js';

export const turnover: ModelDefinition = { name: 'turnover', input: TurnoverInput };
