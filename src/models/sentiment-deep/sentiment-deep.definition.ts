import type { ModelDefinition } from '../../prediction/model-definition.js';
import { SentimentDeepInput } from './sentiment-deep.dto.js';

export const sentimentDeep: ModelDefinition = { name: 'sentiment-deep', input: SentimentDeepInput };
