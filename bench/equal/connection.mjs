// HTTP/1.1 by raw socket: every byte that a server answers, and whether it closes the connection.
import { connect } from 'node:net';

/** In the head of a reply after which the server closes the connection. */
export const CLOSES = /^connection: close\r?$/im;

export class Connection {
  /** All that has come and was not taken, a character per byte. */
  text = '';
  isClosed = false;

  constructor(port) {
    this.wake = () => undefined;
    // Without allowHalfOpen Node would answer the server's end with its own, which hides who closed first.
    this.socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true }).setNoDelay(true);
    this.socket.setEncoding('latin1');
    this.socket.on('data', (text) => {
      this.text += text;
      this.wake();
    });
    for (const event of ['end', 'close', 'error']) {
      this.socket.on(event, () => {
        this.isClosed = true;
        this.wake();
      });
    }
  }

  write(bytes) {
    this.socket.write(bytes);
  }

  /** Waits until `isDone()`, the server's end or `milliseconds` have passed. */
  async until(isDone, milliseconds) {
    const { promise, resolve } = Promise.withResolvers();
    const timer = setTimeout(() => resolve(), milliseconds);
    this.wake = () => {
      if (this.isClosed || isDone()) resolve();
    };
    this.wake();
    await promise;
    clearTimeout(timer);
  }

  /** Whether a reply to each of `methods` has come, in their order. */
  hasAnswered(methods) {
    return endOf(this.text, methods) !== undefined;
  }

  /** Takes the reply to one request of `method`; undefined: it is not there. */
  takeReply(method) {
    const end = endOf(this.text, [method]);
    if (end === undefined) return undefined;
    const reply = this.text.slice(0, end);
    this.text = this.text.slice(end);
    return reply;
  }

  destroy() {
    this.socket.destroy();
  }
}

/** Asks one request after another over a connection that is kept as long as the server keeps it. */
export class Caller {
  constructor(port) {
    this.port = port;
  }

  /** What one request got: its bytes, and what became of the connection. */
  async ask({ method, bytes }) {
    const isNew = this.connection === undefined;
    this.connection ??= new Connection(this.port);
    const { connection } = this;
    connection.write(bytes);
    await connection.until(() => connection.hasAnswered([method]), 20_000);
    const reply = connection.takeReply(method);
    if (reply === undefined && connection.isClosed && connection.text === '' && !isNew) {
      this.forget();
      const again = await this.ask({ method, bytes });
      return { ...again, connection: `${again.connection}; the one before was closed after its reply` };
    }
    if (reply === undefined) {
      const rest = connection.text;
      const fate = connection.isClosed ? 'closed without a whole reply' : 'no whole reply in 20 s';
      this.forget();
      return { reply: rest, connection: fate };
    }
    if (!CLOSES.test(headOf(reply))) return { reply, connection: 'kept' };
    await connection.until(() => false, 10_000);
    const fate = connection.isClosed ? 'closed' : 'said that it would be closed, and was not';
    const more = connection.text;
    this.forget();
    return { reply: reply + more, connection: fate };
  }

  /** The text of a reply's body, of a server that is known to answer. */
  async read(path) {
    const bytes = `GET ${path} HTTP/1.1\r\nhost: localhost\r\n\r\n`;
    const { reply } = await this.ask({ method: 'GET', bytes });
    return reply.slice(reply.indexOf('\r\n\r\n') + 4);
  }

  forget() {
    this.connection?.destroy();
    this.connection = undefined;
  }
}

export const headOf = (reply) => reply.split('\r\n\r\n', 1)[0];

/** Where the replies to `methods` end in `text`; undefined: not all of them are there. */
function endOf(text, methods) {
  let at = 0;
  for (const method of methods) {
    for (;;) {
      const reply = replyAt(text, at, method);
      if (reply === undefined) return undefined;
      at = reply.end;
      if (!reply.isInterim) break;
    }
  }
  return at;
}

function replyAt(text, from, method) {
  const headEnd = text.indexOf('\r\n\r\n', from);
  if (headEnd === -1) return undefined;
  const head = text.slice(from, headEnd);
  const body = headEnd + 4;
  const status = Number(head.slice(9, 12));
  const isInterim = status < 200;
  if (isInterim || method === 'HEAD' || status === 204 || status === 304) return { end: body, isInterim };
  const length = /^content-length: (\d+)$/im.exec(head)?.[1];
  const end = length === undefined ? endOfChunks(text, body) : body + Number(length);
  return end === undefined || end > text.length ? undefined : { end, isInterim };
}

function endOfChunks(text, from) {
  for (let at = from; ;) {
    const line = text.indexOf('\r\n', at);
    if (line === -1) return undefined;
    const size = Number.parseInt(text.slice(at, line), 16);
    if (Number.isNaN(size)) return undefined;
    at = line + 2 + size + 2;
    if (size === 0) return at;
  }
}
