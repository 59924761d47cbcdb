import { ArtifactFault } from '../artifacts/artifact-fault.js';
import type { EncodingSpec } from '../artifacts/manifest.js';
import type { Row } from '../inputs/input-check.js';
import type { Encoder } from './encoder.js';
import type { TensorData } from './graph.js';
import { TextSizes } from './text-sizes.js';
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
  readonly texts: readonly [TextSizes];
  private readonly vocabulary: Vocabulary;
  private readonly pattern: RegExp;

  constructor(
    private readonly spec: TokenSpec,
    vocabulary: unknown,
  ) {
    this.texts = [new TextSizes(spec.input)];
    this.vocabulary = parseVocabulary(vocabulary);
    try {
      this.pattern = new RegExp(spec.token_pattern, 'gu');
    } catch (error) {
      throw new ArtifactFault(`manifest.json/encoding/token_pattern: ${(error as Error).message}`);
    }
  }

  encode(rows: readonly Row[]): readonly TensorData[] {
    this.texts[0].begin(rows.length);
    const texts = rows.map((row, index) => this.tokenIds(String(row[this.spec.input]), index));
    const width = Math.max(...texts.map(({ length }) => length));
    const data = new BigInt64Array(rows.length * width);
    for (const [row, ids] of texts.entries()) data.set(ids, row * width);
    return [{ data, dims: [rows.length, width] }];
  }

  private tokenIds(text: string, row: number): readonly bigint[] {
    const tokens: readonly string[] = text.toLowerCase().match(this.pattern) ?? [];
    const ids: bigint[] = [];
    let unknown = 0;
    for (const token of tokens) {
      const term = this.vocabulary.indexes.get(token);
      if (term === undefined) unknown++;
      if (ids.length < this.spec.maximum_tokens)
        ids.push(term === undefined ? UNKNOWN : BigInt(term) + FIRST_TERM);
    }
    this.texts[0].set(row, tokens.length, unknown);
    return tokens.length === 0 ? [UNKNOWN] : ids;
  }
}
