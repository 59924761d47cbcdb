import { EventEmitter } from 'node:events';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Admission } from './admission.js';
import { LargeRequest, LargeRequests } from './large-requests.js';

const MIB = 1_048_576;

/** A request of 16 MiB that began now, its reply, and its connection, of which bytes come and go as a test says. */
class FakeExchange {
  readonly socket = {
    bytesRead: 500,
    destroyed: false,
    writableEnded: false,
    destroy: (): void => {
      this.socket.destroyed = true;
    },
  };
  readonly raw = { socket: this.socket, complete: false };
  readonly request = { startedAt: performance.now(), id: 'id', raw: this.raw } as unknown as FastifyRequest;
  readonly sent: { status?: number; body?: string; connection?: string } = {};
  readonly answerRaw = Object.assign(new EventEmitter(), {
    setHeader: (name: 'connection', value: string) => (this.sent[name] = value),
  });
  readonly answer = {
    raw: this.answerRaw,
    status: (status: number) => ((this.sent.status = status), this.answer),
    type: () => this.answer,
    send: (body: string) => ((this.sent.body = body), this.answer),
  } as unknown as FastifyReply;
}

function begin() {
  const admission = new Admission(128 * MIB, { seconds: () => 0 });
  const large = new LargeRequests(admission);
  const exchange = new FakeExchange();
  const request = new LargeRequest(exchange.request, exchange.answer);
  admission.grow(request, 16 * MIB);
  large.watch(request);
  return { admission, large, exchange, request };
}

describe(LargeRequests.name, () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('ends an upload that stops, with 408', () => {
    const { large, exchange } = begin();
    exchange.socket.bytesRead += MIB / 2;
    vi.advanceTimersByTime(10_000 + 31_000);
    expect(exchange.sent).toEqual({});

    vi.advanceTimersByTime(2_000);

    expect(exchange.sent).toMatchObject({ status: 408, connection: 'close' });
    expect(JSON.parse(exchange.sent.body!)).toMatchObject({ code: 'request_timeout', request_id: 'id' });
    expect(large.ended).toEqual({ slow_upload: 1, unread_reply: 0 });
  });

  it('lets an upload go on that keeps its pace, for a minute', () => {
    const { exchange } = begin();
    const upload = (seconds: number): void => {
      for (let second = 0; second < seconds; second++) {
        exchange.socket.bytesRead += 17_000;
        vi.advanceTimersByTime(1_000);
      }
    };
    upload(59);
    expect(exchange.sent).toEqual({});

    upload(3);

    expect(exchange.sent).toMatchObject({ status: 408 });
  });

  it('does not hurry a request whose body has come', () => {
    const { exchange } = begin();
    exchange.raw.complete = true;
    vi.advanceTimersByTime(600_000);

    expect(exchange.sent).toEqual({});
  });

  it('ends a connection whose reply is taken too slowly', () => {
    const { large, exchange, request } = begin();
    exchange.raw.complete = true;
    large.sending(request, 1_600_000);
    vi.advanceTimersByTime(30_000 + 99_000);
    expect(exchange.socket.destroyed).toBe(false);

    vi.advanceTimersByTime(2_000);

    expect(exchange.socket.destroyed).toBe(true);
    expect(large.ended).toEqual({ slow_upload: 0, unread_reply: 1 });
  });

  it('gives bytes back when the reply has been sent', () => {
    const { admission, large, exchange, request } = begin();
    large.sending(request, MIB);
    expect(admission.held).toBeCloseTo(MIB, -5);

    exchange.answerRaw.emit('finish');

    expect(admission.held).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('holds the bytes of a caller who has gone until nothing is made of them', () => {
    const { admission, large, exchange, request } = begin();
    exchange.raw.complete = true;
    exchange.socket.destroy();
    exchange.answerRaw.emit('close');
    vi.advanceTimersByTime(5_000);
    expect(admission.held).toBeGreaterThan(16 * MIB);

    large.sending(request, MIB);

    expect(admission.held).toBe(0);
  });

  it.each(['destroyed', 'writableEnded'] as const)(
    'gives back the bytes of an upload whose connection is %s',
    (how) => {
      const { admission, exchange } = begin();
      exchange.socket[how] = true;
      vi.advanceTimersByTime(1_000);

      expect(admission.held).toBe(0);
      expect(exchange.socket.destroyed).toBe(true);
      expect(vi.getTimerCount()).toBe(0);
    },
  );
});
