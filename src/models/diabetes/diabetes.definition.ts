import type { ModelDefinition } from '../model-definition.js';
import { DiabetesInput } from './diabetes.dto.js';

export const diabetes: ModelDefinition = { name: 'diabetes', input: DiabetesInput };
