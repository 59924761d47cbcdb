/**
 * From here on memory comes from the system and goes back to it (`npm start` says so to malloc). Given back at once, smaller
 * bodies would only keep the garbage collector from its work on what else is left of their calls.
 */
export const LARGE_BYTES = 4_194_304;

/** A body of some megabytes on its way, of which nothing is held twice: its pieces go as they are copied. */
export class LargeBody {
  private readonly memory: Buffer;
  private used = 0;

  /** `bytes`: how long it is. */
  constructor(bytes: number) {
    this.memory = Buffer.allocUnsafeSlow(bytes);
  }

  add(piece: Buffer): void {
    this.used += piece.copy(this.memory, this.used);
    giveBack(piece);
  }

  /** All of it, at its end. */
  whole(): Buffer {
    return this.memory.subarray(0, this.used);
  }
}

/**
 * Frees the memory of `bytes`, which nobody reads any more, unless it is shared: what is as large as a body should not wait
 * until garbage is collected.
 */
export function giveBack(bytes: Buffer): void {
  const { buffer } = bytes;
  if (buffer instanceof ArrayBuffer && bytes.length === buffer.byteLength) buffer.transfer(0);
}
