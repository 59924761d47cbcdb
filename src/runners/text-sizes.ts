/** How many tokens each text has that was encoded last, and how many of them the vocabulary does not have: by row. */
export class TextSizes {
  tokens = new Uint32Array(16);
  unknown = new Uint32Array(16);

  constructor(readonly input: string) {}

  /** Makes room for as many rows. */
  begin(rows: number): void {
    if (rows <= this.tokens.length) return;
    this.tokens = new Uint32Array(rows);
    this.unknown = new Uint32Array(rows);
  }

  set(row: number, tokens: number, unknown: number): void {
    this.tokens[row] = tokens;
    this.unknown[row] = unknown;
  }
}
