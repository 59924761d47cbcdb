import { EventEmitter } from 'node:events';
import type { Server } from 'node:http';
import type { AppLogger } from '../observability/app-logger.js';
import { boundConnections } from './connection-bounds.js';

/** As much of a connection as is looked at. */
class FakeSocket extends EventEmitter {
  timeout = 0;
  constructor(readonly writableLength: number) {
    super();
  }
  setTimeout(milliseconds: number): void {
    this.timeout = milliseconds;
  }
}

function begin() {
  const server = new EventEmitter();
  const lines: object[] = [];
  const logger = { warn: (_: string, details: object) => lines.push(details) } as unknown as AppLogger;
  boundConnections(server as Server, 100, logger);
  return { server, lines };
}

describe(boundConnections.name, () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('has Node end a connection that leaves a reply unread, and leaves the others alone', () => {
    const { server } = begin();
    const [unread, idle, gone] = [new FakeSocket(200), new FakeSocket(0), new FakeSocket(200)];
    for (const socket of [unread, idle, gone]) server.emit('connection', socket);
    gone.emit('close');
    vi.advanceTimersByTime(10_000);

    expect([unread, idle, gone].map(({ timeout }) => timeout)).toEqual([30_000, 0, 0]);
  });

  it('does not shorten or lengthen a time-out that runs', () => {
    const { server } = begin();
    const socket = new FakeSocket(200);
    socket.timeout = 72_000;
    server.emit('connection', socket);
    vi.advanceTimersByTime(10_000);

    expect(socket.timeout).toBe(72_000);
  });

  it('tells of refused connections once a minute', () => {
    const { server, lines } = begin();
    for (let refused = 0; refused < 5; refused++) server.emit('drop');
    vi.advanceTimersByTime(60_000);
    server.emit('drop');

    expect(lines).toEqual([
      { limit: 100, refused: 1 },
      { limit: 100, refused: 5 },
    ]);
  });

  it('ends with its server', () => {
    const { server } = begin();
    server.emit('close');

    expect(vi.getTimerCount()).toBe(0);
  });
});
