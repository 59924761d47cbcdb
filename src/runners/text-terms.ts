import { ArtifactFault } from '../artifacts/artifact-fault.js';
import type { TermsSpec } from '../artifacts/manifest.js';
import { stripAccents } from './strip-accents.js';

/**
 * scikit-learn's default token, `(?u)\b\w\w+\b`: equal for every code point that Unicode 14 (Python 3.11) assigns.
 * Node knows later letters, which Python would drop.
 */
const TOKEN = String.raw`[\p{L}\p{N}_]{2,}`;

/** What Python counts as white space; JavaScript's `\s` is another set. */
const SPACE = String.raw`[\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]`;
const SPACES = new RegExp(`${SPACE}{2,}`, 'gu');
const WORD = new RegExp(SPACE.replace('[', '[^') + '+', 'gu');

type Terms = (text: string) => readonly string[];

/**
 * What a text is counted by, as scikit-learn's CountVectorizer has it: words, runs of words without the stop words, or
 * runs of characters. @throws ArtifactFault where the pattern of a token is no regular expression.
 */
export function termsOf(spec: TermsSpec, stopWords: ReadonlySet<string>): Terms {
  const { analyzer = 'word', ngram_range: [least, most] = [1, 1], lowercase = true, strip_accents } = spec;
  const lower: (text: string) => string = lowercase ? (text) => text.toLowerCase() : (text) => text;
  const prepared = strip_accents ? (text: string) => stripAccents(lower(text), strip_accents) : lower;
  if (analyzer === 'char') return (text) => ofCharacters(prepared(text).replace(SPACES, ' '), least, most);
  if (analyzer === 'char_wb') {
    return (text) =>
      (prepared(text).match(WORD) ?? []).flatMap((word) => withinWord(` ${word} `, least, most));
  }
  const token = pattern(spec.token_pattern ?? TOKEN);
  const words: Terms = (text) => prepared(text).match(token) ?? [];
  const wanted: Terms =
    stopWords.size === 0 ? words : (text) => words(text).filter((word) => !stopWords.has(word));
  return most === 1 ? wanted : (text) => runs(wanted(text), least, most);
}

function pattern(source: string): RegExp {
  try {
    return new RegExp(source, 'gu');
  } catch (error) {
    throw new ArtifactFault(`manifest.json/encoding/token_pattern: ${(error as Error).message}`);
  }
}

/** Runs of `least` to `most` words, joined by a space. */
function runs(words: readonly string[], least: number, most: number): string[] {
  const terms: string[] = [];
  for (let size = least; size <= most; size++) {
    for (let first = 0; first + size <= words.length; first++)
      terms.push(words.slice(first, first + size).join(' '));
  }
  return terms;
}

/** Runs of `least` to `most` characters. */
function ofCharacters(text: string, least: number, most: number): string[] {
  const starts = startsOf(text);
  const terms: string[] = [];
  for (let size = least; size <= most; size++) {
    for (let first = 0; first + size < starts.length; first++)
      terms.push(text.slice(starts[first], starts[first + size]));
  }
  return terms;
}

/** Runs of characters of a word with its spaces; of one that is shorter than `least`, all of it. */
function withinWord(word: string, least: number, most: number): string[] {
  const terms = ofCharacters(word, least, most);
  return terms.length === 0 ? [word] : terms;
}

/** Where each character (code point) begins, and where the last one ends. */
function startsOf(text: string): number[] {
  const starts = [0];
  let end = 0;
  for (const character of text) starts.push((end += character.length));
  return starts;
}
