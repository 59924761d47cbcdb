import { ArtifactFault } from '../artifacts/artifact-fault.js';
import type { EncodingSpec } from '../artifacts/manifest.js';
import type { Row } from '../inputs/input-check.js';
import type { Encoder } from './encoder.js';
import type { TensorData } from './graph.js';
import { parseVocabulary, type Vocabulary } from './vocabulary.js';

type TfidfSpec = Extract<EncodingSpec, { encoder: 'tfidf' }>;

/**
 * scikit-learn's default token, `(?u)\b\w\w+\b`: equal for every code point that Unicode 14 (Python 3.11) assigns.
 * Node knows later letters, which Python would drop.
 */
const TOKEN = /[\p{L}\p{N}_]{2,}/gu;

/** A text as the terms it has and their weights, in ascending order of term. */
interface SparseRow {
  readonly terms: readonly number[];
  readonly weights: readonly number[];
}

/**
 * TF-IDF in scikit-learn's order (tf, sublinear, idf, l2), sparse: ids INT64 and weights FP64, both `[rows, k]` with k
 * the most terms of a row, at least 1. Padding has weight 0, and so has a text without a known term.
 */
export class TfidfEncoder implements Encoder {
  private readonly vocabulary: Vocabulary;

  constructor(
    private readonly spec: TfidfSpec,
    vocabulary: unknown,
  ) {
    this.vocabulary = parseVocabulary(vocabulary);
    if (this.vocabulary.idf.length === 0)
      throw new ArtifactFault('vocabulary.json/idf: TF-IDF needs weights');
  }

  encode(rows: readonly Row[]): readonly TensorData[] {
    const texts = rows.map((row) => this.weigh(String(row[this.spec.input])));
    const width = Math.max(1, ...texts.map(({ terms }) => terms.length));
    const ids = new BigInt64Array(rows.length * width);
    const weights = new Float64Array(rows.length * width);
    for (const [row, text] of texts.entries()) {
      for (let place = 0; place < text.terms.length; place++) {
        ids[row * width + place] = BigInt(text.terms[place]!);
        weights[row * width + place] = text.weights[place]!;
      }
    }
    const dims = [rows.length, width];
    return [
      { data: ids, dims },
      { data: weights, dims },
    ];
  }

  private weigh(text: string): SparseRow {
    const counts = new Map<number, number>();
    for (const token of text.toLowerCase().match(TOKEN) ?? []) {
      const term = this.vocabulary.indexes.get(token);
      if (term !== undefined) counts.set(term, (counts.get(term) ?? 0) + 1);
    }
    const terms = [...counts.keys()].toSorted((a, b) => a - b);
    const weights = terms.map((term) => {
      const count = counts.get(term)!;
      return (this.spec.sublinear_tf ? 1 + Math.log(count) : count) * this.vocabulary.idf[term]!;
    });
    if (this.spec.norm !== 'l2' || terms.length === 0) return { terms, weights };
    const length = Math.sqrt(weights.reduce((sum, weight) => sum + weight * weight, 0));
    return { terms, weights: weights.map((weight) => weight / length) };
  }
}
