const INITIAL_BYTES = 262_144;
/** A UTF-16 code unit takes at most this many bytes in UTF-8. */
const BYTES_PER_UNIT = 3;

/**
 * Lines on their way into a file, encoded one by one into the same memory. A batch of 10,000 kept as one text would be
 * copied by the garbage collector again and again before it is written.
 */
export class LineBuffer {
  private memory = Buffer.allocUnsafe(INITIAL_BYTES);
  private used = 0;

  add(line: string): void {
    const needed = this.used + line.length * BYTES_PER_UNIT;
    if (needed > this.memory.length) {
      const larger = Buffer.allocUnsafe(Math.max(needed, this.memory.length * 2));
      this.memory.copy(larger, 0, 0, this.used);
      this.memory = larger;
    }
    this.used += this.memory.write(line, this.used);
  }

  /** All lines since the last call; valid until the next `add`. Memory that only a bulk call needed is given back. */
  take(): Buffer {
    const lines = this.memory.subarray(0, this.used);
    this.used = 0;
    if (this.memory.length > INITIAL_BYTES) this.memory = Buffer.allocUnsafe(INITIAL_BYTES);
    return lines;
  }
}
