const EXPECTED_BYTES = 262_144;
/** A UTF-16 code unit takes at most this many bytes in UTF-8. */
const BYTES_PER_UNIT = 3;
const NONE = Buffer.alloc(0);

/**
 * Text on its way out of the process, encoded piece by piece into the same memory. The pieces of 10,000 rows kept as
 * strings would be copied by the garbage collector again and again before they leave.
 */
export class TextBuffer {
  private memory: Buffer = NONE;
  private used = 0;

  /** `expectedBytes` are held from the first `add` on; what takes more is given back afterwards. */
  constructor(private readonly expectedBytes = EXPECTED_BYTES) {}

  add(text: string): void {
    const needed = this.used + text.length * BYTES_PER_UNIT;
    if (needed > this.memory.length) {
      const larger = Buffer.allocUnsafe(Math.max(needed, this.expectedBytes, this.memory.length * 2));
      this.memory.copy(larger, 0, 0, this.used);
      this.memory = larger;
    }
    this.used += this.memory.write(text, this.used);
  }

  /** All text since the last call, as UTF-8; valid until the next `add`. */
  take(): Buffer {
    const taken = this.memory.subarray(0, this.used);
    this.used = 0;
    if (this.memory.length > this.expectedBytes) this.memory = NONE;
    return taken;
  }
}
