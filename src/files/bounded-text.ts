import type { Readable } from 'node:stream';

const MOST_CHARACTERS = 65_536;

/** What a stream has told so far, at most 65,536 characters of it; the rest is read and forgotten. */
export function boundedText(stream: Readable): () => string {
  let text = '';
  stream.setEncoding('utf8').on('data', (part: string) => {
    text += part.slice(0, MOST_CHARACTERS - text.length);
  });
  return () => text;
}
