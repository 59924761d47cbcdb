import { type FieldError, InvalidInput } from '../errors/errors.js';

/** Waits for an answer; a fault of its input is told in the words of the document that the caller really sent. */
export async function translateErrors<T>(
  answer: Promise<T>,
  translate: (error: FieldError) => FieldError,
): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    throw error instanceof InvalidInput ? new InvalidInput(error.errors.map(translate), error.count) : error;
  }
}
