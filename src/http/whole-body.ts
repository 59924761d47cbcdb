import type { FastifyInstance } from 'fastify';
import { IncomingMessage } from 'node:http';
import { bodyEnds } from './arriving.js';

type Listener = (chunk?: Buffer | Error) => void;

/** What Node's own server does with a request that will never have a body; the stream is over for everybody. */
const { _dumpAndCloseReadable: endStream } = IncomingMessage.prototype as {
  _dumpAndCloseReadable?: () => void;
};

/**
 * A request whose body may be taken as Node's parser gives it, before it enters the stream: the buffers, ticks and events
 * of a stream cost more than the model. Until somebody takes it, it is an ordinary request.
 */
export class WholeBodyRequest extends IncomingMessage {
  private taker: WholeBody | undefined;

  /** Whether nothing of the body has come yet, so that all of it can be taken. */
  get isUntouched(): boolean {
    return !this.complete && !this.destroyed && this.readableLength === 0 && this.readableFlowing === null;
  }

  takeWhole(taker: WholeBody): void {
    this.taker = taker;
  }

  /** Called by the parser: a piece of the body, and null at its end. */
  override push(chunk: Buffer | null, encoding?: BufferEncoding): boolean {
    if (chunk === null) bodyEnds(this.socket);
    if (this.taker === undefined) return super.push(chunk, encoding);
    if (chunk === null) {
      endStream!.call(this);
      this.taker.tell('end');
    } else {
      this.taker.tell('data', chunk);
    }
    // Whoever takes a body has room for it: admission has counted it before.
    return true;
  }

  /** The connection has ended within the body. */
  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    super._destroy(error, callback);
    this.taker?.tell('error', error ?? new Error('aborted'));
  }
}

/** The body as Fastify's parser reads it: what it needs of a stream, and no more. */
class WholeBody {
  private readonly listeners: Record<string, Listener | undefined> = {};

  constructor(private readonly request: WholeBodyRequest) {}

  on(event: string, listener: Listener): this {
    this.listeners[event] = listener;
    return this;
  }

  removeListener(event: string): this {
    this.listeners[event] = undefined;
    return this;
  }

  resume(): void {
    this.request.takeWhole(this);
  }

  tell(event: string, value?: Buffer | Error): void {
    this.listeners[event]?.(value);
  }
}

/**
 * Has JSON bodies whose length is told taken whole; all else goes by the stream, as everything does in a Node without
 * the method above, and in tests that inject requests.
 */
export function takeWholeBodies(server: FastifyInstance): void {
  if (endStream === undefined) return;
  server.addHook('preParsing', (request, _reply, payload, done) => {
    const { raw } = request;
    const isTaken =
      raw instanceof WholeBodyRequest &&
      raw.headers['content-type']?.startsWith('application/json') === true &&
      raw.headers['content-length'] !== undefined &&
      raw.isUntouched;
    done(null, isTaken ? (new WholeBody(raw) as unknown as typeof payload) : payload);
  });
}
