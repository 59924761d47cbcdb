import { ArtifactFault } from '../artifacts/artifact-fault.js';

/** Terms by their place, as `vocabulary.json` lists them. */
export interface Vocabulary {
  readonly indexes: ReadonlyMap<string, number>;
  /** Inverse document frequency by term; empty where the encoder needs none. */
  readonly idf: readonly number[];
  /** Words that are left out before terms are made. */
  readonly stopWords: ReadonlySet<string>;
}

/**
 * @throws ArtifactFault unless `content` is `{"terms": [...], "idf": [...], "stop_words": [...]}` with as many idf weights
 * as terms; both lists behind the terms may be absent.
 */
export function parseVocabulary(content: unknown): Vocabulary {
  const {
    terms,
    idf = [],
    stop_words: stopWords = [],
  } = (content ?? {}) as { terms?: unknown; idf?: unknown; stop_words?: unknown };
  if (!isListOf(terms, 'string') || !isListOf(idf, 'number') || !isListOf(stopWords, 'string')) {
    throw new ArtifactFault('vocabulary.json is not of the form {"terms": [...], "idf": [...]}');
  }
  const indexes = new Map(terms.map((term, index) => [term, index]));
  if (indexes.size !== terms.length)
    throw new ArtifactFault('vocabulary.json/terms: a term stands there twice');
  if (idf.length !== 0 && idf.length !== terms.length) {
    throw new ArtifactFault(`vocabulary.json: ${terms.length} terms, but ${idf.length} idf weights`);
  }
  return { indexes, idf, stopWords: new Set(stopWords) };
}

function isListOf(value: unknown, type: 'string'): value is string[];
function isListOf(value: unknown, type: 'number'): value is number[];
function isListOf(value: unknown, type: string): boolean {
  return Array.isArray(value) && value.every((item) => typeof item === type);
}
