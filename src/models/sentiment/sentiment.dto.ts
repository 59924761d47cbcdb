import { TextInput } from '../../inputs/input-decorators.js';

/** Predicts whether an English text about a film is negative or positive, from the words it has. */
export class SentimentInput {
  @TextInput({
    description: 'The text to judge, best a sentence or two in English.',
    maximumLength: 10000,
    example: 'that movie was boring',
  })
  text!: string;
}
