import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { atEnd } from './clean-up.js';

/** One reply as it came over the wire. */
export interface WireReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** The text of a request with a JSON body. */
export function jsonRequest(path: string, body: unknown): string {
  const text = JSON.stringify(body);
  return `POST ${path} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(text)}\r\n\r\n${text}`;
}

export const getRequest = (path: string): string => `GET ${path} HTTP/1.1\r\nhost: x\r\n\r\n`;

/** A connection on which a test sends bytes by hand, and which says how it ended. */
export class Connection {
  private received = Buffer.alloc(0);
  /** `ended`: by the end of what the server sends; `reset` or another error code otherwise. */
  readonly end: Promise<string>;

  private constructor(readonly socket: Socket) {
    socket.on('data', (chunk: Buffer) => (this.received = Buffer.concat([this.received, chunk])));
    this.end = new Promise((resolve) => {
      socket.once('end', () => resolve('ended'));
      socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
      socket.once('close', () => resolve('closed'));
    });
  }

  static async open(port: number): Promise<Connection> {
    const socket = connect(port, '127.0.0.1');
    atEnd(() => void socket.destroy());
    await once(socket, 'connect');
    return new Connection(socket);
  }

  /** Sends a request and waits for its reply. */
  async call(request: string): Promise<WireReply> {
    this.socket.write(request);
    return this.reply();
  }

  /** The next reply, whole. */
  async reply(): Promise<WireReply> {
    for (;;) {
      const found = this.take();
      if (found !== undefined) return found;
      const ended = await Promise.race([once(this.socket, 'data'), this.end]);
      if (typeof ended === 'string')
        throw new Error(`${ended} after ${this.received.toString().slice(0, 200)}`);
    }
  }

  private take(): WireReply | undefined {
    const headEnd = this.received.indexOf('\r\n\r\n');
    if (headEnd < 0) return undefined;
    const [first, ...lines] = this.received.toString('latin1', 0, headEnd).split('\r\n');
    const headers = Object.fromEntries(
      lines.map((line) => [
        line.slice(0, line.indexOf(':')).toLowerCase(),
        line.slice(line.indexOf(':') + 1).trim(),
      ]),
    );
    const end = headEnd + 4 + Number(headers['content-length']);
    if (this.received.length < end) return undefined;
    const body = this.received.toString('utf8', headEnd + 4, end);
    this.received = this.received.subarray(end);
    return { status: Number(first!.split(' ')[1]), headers, body };
  }
}
