/** Of a thousand models most are asked a row at a time. */
const FIRST_BYTES = 16_384;
/** What a run of rows takes. */
const KEPT_BYTES = 262_144;
/** So much text is joined before it is encoded: each encoding has a price of its own, and longer text is copied again. */
const PIECE_UNITS = 32_768;
/** A UTF-16 code unit takes at most this many bytes in UTF-8. */
const BYTES_PER_UNIT = 3;
const NONE = Buffer.alloc(0);

/**
 * Text on its way out of the process, encoded piece by piece into the same memory. The pieces of 10,000 rows kept as
 * strings would be copied by the garbage collector again and again before they leave.
 */
export class TextBuffer {
  private piece = '';
  private memory: Buffer = NONE;
  private used = 0;

  /** `expectedBytes` are held from the first piece on, and later what a run takes; more than both is given back. */
  constructor(private readonly expectedBytes = FIRST_BYTES) {}

  /** Adds whole characters: a pair of surrogates is never cut between two calls. */
  add(text: string): void {
    this.piece += text;
    if (this.piece.length >= PIECE_UNITS) this.encode();
  }

  /** All text since the last call, as UTF-8; valid until the next `add`. */
  take(): Buffer {
    this.encode();
    const taken = this.memory.subarray(0, this.used);
    this.used = 0;
    if (this.memory.length > Math.max(this.expectedBytes, KEPT_BYTES)) this.memory = NONE;
    return taken;
  }

  private encode(): void {
    const needed = this.used + this.piece.length * BYTES_PER_UNIT;
    if (needed > this.memory.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(needed, this.expectedBytes, this.memory.length * 2));
      this.memory.copy(larger, 0, 0, this.used);
      // Else it would be held until garbage is collected, beside the one that was made because there is so much.
      if (this.memory !== NONE) (this.memory.buffer as ArrayBuffer).transfer(0);
      this.memory = larger;
    }
    this.used += this.memory.write(this.piece, this.used);
    this.piece = '';
  }
}
