import type { TfidfSpec } from '../artifacts/manifest.js';
import type { Row } from '../inputs/input-check.js';
import type { Encoder } from './encoder.js';
import type { TensorData } from './graph.js';
import { termsOf } from './text-terms.js';
import { TextSizes } from './text-sizes.js';
import { parseVocabulary, type Vocabulary } from './vocabulary.js';

/** A text as the terms it has and their weights, in ascending order of term. */
interface SparseRow {
  readonly terms: readonly number[];
  readonly weights: readonly number[];
}

/**
 * Counts of terms, or TF-IDF, in scikit-learn's order (tf, sublinear, idf, norm), sparse: ids INT64 and weights FP64, both `[rows, k]` with k
 * the most terms of a row, at least 1. Padding has weight 0, and so has a text without a known term.
 */
export class TfidfEncoder implements Encoder {
  readonly texts: readonly [TextSizes];
  private readonly vocabulary: Vocabulary;
  private readonly termsOf: (text: string) => readonly string[];

  constructor(
    private readonly spec: TfidfSpec,
    vocabulary: unknown,
  ) {
    this.texts = [new TextSizes(spec.input)];
    this.vocabulary = parseVocabulary(vocabulary);
    this.termsOf = termsOf(spec, this.vocabulary.stopWords);
  }

  encode(rows: readonly Row[]): readonly TensorData[] {
    this.texts[0].begin(rows.length);
    const texts = rows.map((row, index) => this.weigh(String(row[this.spec.input]), index));
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

  private weigh(text: string, row: number): SparseRow {
    const counts = new Map<number, number>();
    const all = this.termsOf(text);
    let unknown = 0;
    for (const found of all) {
      const term = this.vocabulary.indexes.get(found);
      if (term === undefined) unknown++;
      else counts.set(term, (counts.get(term) ?? 0) + 1);
    }
    this.texts[0].set(row, all.length, unknown);
    const { binary, sublinear_tf, norm } = this.spec;
    const { idf } = this.vocabulary;
    const terms = [...counts.keys()].toSorted((a, b) => a - b);
    const weights = terms.map((term) => {
      const count = binary ? 1 : counts.get(term)!;
      return (sublinear_tf ? 1 + Math.log(count) : count) * (idf[term] ?? 1);
    });
    if (norm === null || terms.length === 0) return { terms, weights };
    const length =
      norm === 'l1'
        ? weights.reduce((sum, weight) => sum + Math.abs(weight), 0)
        : Math.sqrt(weights.reduce((sum, weight) => sum + weight * weight, 0));
    return { terms, weights: weights.map((weight) => weight / length) };
  }
}
