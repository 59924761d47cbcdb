import { TextInput } from '../../inputs/input-decorators.js';

/** Predicts whether an English text about a film is negative or positive, from its runs of words. */
export class SentimentDeepInput {
  @TextInput({
    description: 'The text to judge, best a sentence or two in English.',
    maximumLength: 10000,
    example: 'I am well',
  })
  text!: string;
}
