import type { ModelVersion } from '../../models/model-version.js';
import { exampleRow } from '../../inputs/input-schema.js';

/** A row of more inputs, or one that is longer, is nothing to copy by hand. */
const MAX_INPUTS = 100;
const MAX_LENGTH = 4_096;

/**
 * The command that asks a model for its example, from behind `curl '` and the server's address on; undefined if it
 * would be too long. What an artifact says stays one quoted word of the shell, and shows every sign that it has.
 */
export function curlLine({ manifest, check }: ModelVersion): string | undefined {
  if (manifest.inputs.length > MAX_INPUTS) return undefined;
  // What is not seen, or turns the direction of writing, could make a command look like another one.
  const row = JSON.stringify(exampleRow(check.schema)).replaceAll(/[\p{C}\p{Z}]/gu, (sign) =>
    sign === ' ' ? sign : escapedInJson(sign),
  );
  if (row.length > MAX_LENGTH) return undefined;
  return `/models/${manifest.model}/predict' -H 'Content-Type: application/json' -d ${quoted(row)}`;
}

/** Each half of a surrogate pair by itself. */
const escapedInJson = (sign: string): string =>
  Array.from({ length: sign.length }, (_, index) => sign.charCodeAt(index))
    .map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`)
    .join('');

const quoted = (word: string): string => `'${word.replaceAll("'", String.raw`'\''`)}'`;
