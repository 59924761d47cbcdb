import { InvalidArchive } from './archive-errors.js';

/** Reads a stream of bytes by given lengths; holds one chunk of it at a time. */
export class ByteReader {
  private readonly chunks: AsyncIterator<Buffer>;
  private unread: Buffer = Buffer.of();

  constructor(bytes: AsyncIterable<Buffer>) {
    this.chunks = bytes[Symbol.asyncIterator]();
  }

  /** The next `length` bytes as they come. @throws InvalidArchive if there are fewer; it names `within`. */
  async *stream(length: number, within: string): AsyncGenerator<Buffer> {
    for (let missing = length; missing > 0;) {
      if (this.unread.length === 0 && !(await this.fill()))
        throw new InvalidArchive(`the archive is cut off: it ends within ${within}`);
      const part = this.unread.subarray(0, missing);
      this.unread = this.unread.subarray(part.length);
      missing -= part.length;
      yield part;
    }
  }

  /** As `stream`, held in memory. */
  async take(length: number, within: string): Promise<Buffer> {
    const parts: Buffer[] = [];
    for await (const part of this.stream(length, within)) parts.push(part);
    return parts.length === 1 ? parts[0]! : Buffer.concat(parts);
  }

  /** All that is left. */
  async *rest(): AsyncGenerator<Buffer> {
    while (this.unread.length > 0 || (await this.fill())) {
      yield this.unread;
      this.unread = Buffer.of();
    }
  }

  private async fill(): Promise<boolean> {
    const next = await this.chunks.next();
    if (next.done) return false;
    this.unread = next.value;
    return true;
  }
}
