// Makes requests as bytes.
const CRLF = '\r\n';

export class Maker {
  made = 0;

  constructor(rows, random, maxBody) {
    Object.assign(this, { rows, random, maxBody, row: JSON.stringify(rows[0]) });
  }

  /** A request; every one has an id of its own, by which its records are found. */
  request(
    method,
    path,
    { body, type = 'application/json', headers = [], version = '1.1', host = 'localhost' } = {},
  ) {
    const lines = [`${method} ${path} HTTP/${version}`, `x-request-id: case-${++this.made}`, ...headers];
    if (host !== undefined) lines.push(`host: ${host}`);
    const bytes = body === undefined ? undefined : Buffer.from(body);
    if (bytes !== undefined && type !== undefined) lines.push(`content-type: ${type}`);
    const isFramed = headers.some((line) => /^(content-length|transfer-encoding):/i.test(line));
    if (bytes !== undefined && !isFramed) lines.push(`content-length: ${bytes.length}`);
    const head = Buffer.from(lines.join(CRLF) + CRLF + CRLF, 'latin1');
    return Buffer.concat([head, bytes ?? Buffer.alloc(0)]);
  }

  /** A good row at the published door. */
  predict(options = {}) {
    return this.request('POST', '/predict', { body: this.row, ...options });
  }

  /** A good row at a typed door, where the reply has an id. */
  typed(options = {}) {
    return this.request('POST', '/models/turnover/predict', { body: this.row, ...options });
  }

  batch(count, options = {}) {
    return this.request('POST', '/v1/models/turnover:predict', { body: this.many(count), ...options });
  }

  many(count) {
    return JSON.stringify({
      instances: Array.from({ length: count }, (_, at) => this.rows[at % this.rows.length]),
    });
  }

  /** Any body, to a model of texts. */
  text(body, options = {}) {
    return this.request('POST', '/models/sentiment/predict', { body, ...options });
  }

  /** A good row whose body comes in chunks. */
  inChunks(body, sizes, framing, options = {}) {
    return this.typed({ headers: IN_CHUNKS, ...options, body: chunked(body, sizes, framing) });
  }

  /** Cuts bytes at so many places. */
  cutAnywhere(bytes, count) {
    return cut(bytes, ...Array.from({ length: count }, () => this.random.int(1, bytes.length - 1)));
  }
}

export const IN_CHUNKS = ['transfer-encoding: chunked'];

export function cut(bytes, ...places) {
  const edges = [0, ...places.toSorted((a, b) => a - b), bytes.length];
  return edges
    .slice(1)
    .map((edge, at) => bytes.subarray(edges[at], edge))
    .filter((piece) => piece.length > 0);
}

export const behindHeaders = (bytes) => cut(bytes, bytes.indexOf(CRLF + CRLF) + 4);

/** A body in chunks of `sizes` in turn. */
export function chunked(body, sizes, { extension = '', trailers = '', last = '0' } = {}) {
  const bytes = Buffer.from(body);
  const parts = [];
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const size = Math.min(sizes[turn % sizes.length], bytes.length - at);
    const head = `${size.toString(16)}${extension}${CRLF}`;
    parts.push(Buffer.from(head), bytes.subarray(at, at + size), Buffer.from(CRLF));
    at += size;
  }
  return Buffer.concat([...parts, Buffer.from(`${last}${CRLF}${trailers}${CRLF}`)]);
}
