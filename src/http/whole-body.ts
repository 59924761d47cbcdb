import type { FastifyRequest } from 'fastify';
import { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { bodyEnds } from './arriving.js';
import { LARGE_BYTES, LargeBody } from './large-body.js';

/** Hears of a body when all of it is there, or of what came between; then the body is empty. */
type Taker = (error: Error | null, body: Buffer) => void;

const NONE = Buffer.alloc(0);

/** What Node's own server does with a request that will never have a body; the stream is over for everybody. */
const { _dumpAndCloseReadable: endStream } = IncomingMessage.prototype as {
  _dumpAndCloseReadable?: () => void;
};

/**
 * A request whose body may be taken as Node's parser gives it, before it enters the stream: the buffers, ticks and events
 * of a stream cost more than the model. Until somebody takes it, it is an ordinary request.
 */
export class WholeBodyRequest extends IncomingMessage {
  private taker: Taker | undefined;
  private readonly pieces: Buffer[] = [];
  private large: LargeBody | undefined;

  /** Whether nothing of the body has come yet, so that all of it can be taken; never in a Node without the method above. */
  get isUntouched(): boolean {
    return (
      endStream !== undefined &&
      !this.complete &&
      !this.destroyed &&
      this.readableLength === 0 &&
      this.readableFlowing === null
    );
  }

  takeWhole(taker: Taker): void {
    const bytes = Number(this.headers['content-length']);
    if (bytes >= LARGE_BYTES) this.large = new LargeBody(bytes);
    this.taker = taker;
  }

  /** Called by the parser: a piece of the body, and null at its end. */
  override push(chunk: Buffer | null, encoding?: BufferEncoding): boolean {
    if (chunk === null) bodyEnds(this.socket);
    const { taker, pieces, large } = this;
    if (taker === undefined) return super.push(chunk, encoding);
    if (chunk === null) {
      endStream!.call(this);
      this.taker = undefined;
      this.large = undefined;
      taker(null, large?.whole() ?? (pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces)));
    } else if (large !== undefined) {
      large.add(chunk);
    } else {
      pieces.push(chunk);
    }
    // Whoever takes a body has room for it: admission has counted it before.
    return true;
  }

  /** The connection has ended within the body. */
  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    super._destroy(error, callback);
    this.taker?.(error ?? new Error('aborted'), NONE);
    this.taker = undefined;
    this.large = undefined;
  }
}

/**
 * Reads the body of a request that admission has taken: whole if its length is told, else by the stream, as everything
 * in a Node without the method above, and in tests that inject requests.
 */
export function readBody({ raw }: FastifyRequest, taker: Taker): void {
  if (raw instanceof WholeBodyRequest && raw.headers['content-length'] !== undefined && raw.isUntouched) {
    raw.takeWhole(taker);
  } else {
    collect(raw, taker);
  }
}

function collect(stream: Readable, taker: Taker): void {
  const pieces: Buffer[] = [];
  stream.on('data', (piece: Buffer) => pieces.push(piece));
  stream.once('end', () => taker(null, Buffer.concat(pieces)));
  stream.once('error', (error) => taker(error, NONE));
  stream.resume();
}
