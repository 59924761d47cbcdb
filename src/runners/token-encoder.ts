import { ArtifactFault } from '../artifacts/artifact-fault.js';
import type { EncodingSpec } from '../artifacts/manifest.js';
import type { Row } from '../inputs/input-check.js';
import type { Encoder } from './encoder.js';
import type { TensorData } from './graph.js';
import { parseVocabulary, type Vocabulary } from './vocabulary.js';

type TokenSpec = Extract<EncodingSpec, { encoder: 'tokens' }>;

/** Id 0 pads, which the graph masks; id 1 is a token that the vocabulary does not have. */
const UNKNOWN = 1n;
const FIRST_TERM = 2n;

/**
 * A text as the ids of its first tokens: INT64 `[rows, length]` with length that of the longest row, at least 1.
 * A text without tokens is one unknown token.
 */
export class TokenEncoder implements Encoder {
  private readonly vocabulary: Vocabulary;
  private readonly pattern: RegExp;

  constructor(
    private readonly spec: TokenSpec,
    vocabulary: unknown,
  ) {
    this.vocabulary = parseVocabulary(vocabulary);
    try {
      this.pattern = new RegExp(spec.token_pattern, 'gu');
    } catch (error) {
      throw new ArtifactFault(`manifest.json/encoding/token_pattern: ${(error as Error).message}`);
    }
  }

  encode(rows: readonly Row[]): readonly TensorData[] {
    const texts = rows.map((row) => this.tokenIds(String(row[this.spec.input])));
    const width = Math.max(...texts.map(({ length }) => length));
    const data = new BigInt64Array(rows.length * width);
    for (const [row, ids] of texts.entries()) data.set(ids, row * width);
    return [{ data, dims: [rows.length, width] }];
  }

  private tokenIds(text: string): readonly bigint[] {
    const tokens = text.toLowerCase().match(this.pattern) ?? [''];
    return tokens.slice(0, this.spec.maximum_tokens).map((token) => {
      const term = this.vocabulary.indexes.get(token);
      return term === undefined ? UNKNOWN : BigInt(term) + FIRST_TERM;
    });
  }
}
