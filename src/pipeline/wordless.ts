import { DomainError } from '../errors/errors.js';

/**
 * What failed, without its words: a runtime may repeat the values that it cannot take, as when a graph makes a number of a text.
 * The places where it failed stay. What callers are told about has words of ours, and is given back as it is.
 */
export function wordless(error: unknown): unknown {
  if (error instanceof DomainError || !(error instanceof Error)) return error;
  const { name } = error.constructor;
  const without = new Error(`${name} without its words, which may hold values of hidden inputs`);
  const places = (error.stack ?? '').split('\n').filter((line) => /^ {4}at /.test(line));
  without.stack = [`Error: ${without.message}`, ...places].join('\n');
  return without;
}
