import type { ModelDefinition } from '../../prediction/model-definition.js';
import { SentimentInput } from './sentiment.dto.js';

export const sentiment: ModelDefinition = { name: 'sentiment', input: SentimentInput };
