import type { ModelDefinition } from '../model-definition.js';
import { SentimentDeepInput } from './sentiment-deep.dto.js';

export const sentimentDeep: ModelDefinition = { name: 'sentiment-deep', input: SentimentDeepInput };
