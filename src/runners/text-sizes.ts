/** Numbers by row. */
interface Sizes {
  readonly tokens: Uint32Array;
  readonly unknown: Uint32Array;
}

const noSizes = (rows = 16): Sizes => ({ tokens: new Uint32Array(rows), unknown: new Uint32Array(rows) });

/** How many tokens each text has that was encoded last, and how many of them the vocabulary does not have: by row. */
export class TextSizes implements Sizes {
  tokens!: Uint32Array;
  unknown!: Uint32Array;
  /** Of rows whose sizes were taken away, by what was decided of each: they need not be asked for as they were encoded. */
  private readonly kept = new WeakMap<object, { readonly sizes: Sizes; readonly row: number }>();

  constructor(readonly input: string) {
    this.use(noSizes());
  }

  /** Makes room for as many rows. */
  begin(rows: number): void {
    if (rows > this.tokens.length) this.use(noSizes(rows));
  }

  set(row: number, tokens: number, unknown: number): void {
    this.tokens[row] = tokens;
    this.unknown[row] = unknown;
  }

  /** Takes the sizes of the last rows away, so that others can be encoded before they are asked for. */
  take(): Sizes {
    const { tokens, unknown } = this;
    this.use(noSizes(tokens.length));
    return { tokens, unknown };
  }

  /** Remembers sizes that were taken away for as long as there are the decisions of their rows. */
  keep(decisions: readonly object[], sizes: Sizes): void {
    for (const [row, decision] of decisions.entries()) this.kept.set(decision, { sizes, row });
  }

  /** Makes the sizes of these rows those of the last ones, where they were taken away. */
  recall(decisions: readonly object[]): void {
    const [first] = decisions;
    if (first === undefined || !this.kept.has(first)) return;
    this.begin(decisions.length);
    for (const [place, decision] of decisions.entries()) {
      const { sizes, row } = this.kept.get(decision)!;
      this.set(place, sizes.tokens[row]!, sizes.unknown[row]!);
    }
  }

  private use({ tokens, unknown }: Sizes): void {
    this.tokens = tokens;
    this.unknown = unknown;
  }
}
