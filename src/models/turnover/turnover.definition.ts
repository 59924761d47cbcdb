import type { ModelDefinition } from '../../prediction/model-definition.js';
import { TurnoverInput } from './turnover.dto.js';

export const turnover: ModelDefinition = { name: 'turnover', input: TurnoverInput };
