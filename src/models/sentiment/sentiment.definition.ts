import type { ModelDefinition } from '../model-definition.js';
import { SentimentInput } from './sentiment.dto.js';

export const sentiment: ModelDefinition = { name: 'sentiment', input: SentimentInput };
