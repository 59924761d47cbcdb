import { connect } from 'node:net';
import { jsonRequest } from '../support/connection.js';
import { untilClosed } from '../support/ports.js';
import { type Server, startServer } from '../support/server.js';
import { TURNOVER_ROW } from '../support/turnover-row.js';

const READERS = 8;
const ROWS = 10_000;
const BUFFER = 65_536;
/** Each reads so much, and rests; a reply takes a hundred of these. */
const REST_MS = 5;
/** Each input has a warning in the reply, which makes it larger than all that the kernel buffers. */
const UNUSUAL_ROW = {
  ...TURNOVER_ROW,
  satisfaction_level: 0,
  last_evaluation: 0,
  number_project: 50,
  average_montly_hours: 700,
  time_spend_company: 60,
};
const REQUEST = jsonRequest('/v1/models/turnover:predict', {
  instances: Array.from({ length: ROWS }, () => UNUSUAL_ROW),
});

interface Reading {
  readonly begun: Promise<void>;
  /** The reply's body, as long as the server sent it. */
  readonly body: Promise<string>;
}

/** Sends the call, and reads nothing of its reply but the first piece until `go`; then slowly. */
function read(server: Server, go: Promise<void>): Reading {
  const pieces: Buffer[] = [];
  const begun = Promise.withResolvers<void>();
  const body = Promise.withResolvers<string>();
  const socket = connect({
    port: server.port,
    host: '127.0.0.1',
    onread: {
      buffer: Buffer.alloc(BUFFER),
      callback: (length, buffer) => {
        pieces.push(Buffer.from(buffer.subarray(0, length)));
        begun.resolve();
        void go.then(() => setTimeout(() => socket.resume(), REST_MS));
        return false;
      },
    },
  });
  socket.on('error', body.reject);
  socket.on('end', () => {
    const [head, text] = Buffer.concat(pieces).toString().split('\r\n\r\n');
    expect(head).toContain('HTTP/1.1 200 OK');
    socket.end();
    body.resolve(text!);
  });
  socket.write(REQUEST);
  return { begun: begun.promise, body: body.promise };
}

describe('a stop while replies leave', () => {
  it('sends each of them whole, to readers that are slower than the server', async () => {
    const server = await startServer();
    const go = Promise.withResolvers<void>();
    const readings = Array.from({ length: READERS }, () => read(server, go.promise));
    await Promise.all(readings.map(({ begun }) => begun));
    const ended = server.stop();
    await untilClosed(server.port);
    go.resolve();

    for (const { body } of readings) {
      const text = await body;
      expect(text.length).toBeGreaterThan(6_000_000);
      const { predictions } = JSON.parse(text) as { predictions: unknown[] };
      expect(predictions).toHaveLength(ROWS);
    }
    expect(await ended).toMatchObject({ code: 0, signal: null });
  });
});
