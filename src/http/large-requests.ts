import type { FastifyReply, FastifyRequest } from 'fastify';
import { Socket } from 'node:net';
import type { Admission, Ticket } from './admission.js';
import { sendProblem } from './send-problem.js';
import { letTakeTime } from './slow-requests.js';

/** A reply of which nothing is taken for so long ends with its connection. */
const STALLED_MS = 30_000;
/** Bodies and replies may take their time, but not for ever: so long, and then by this pace. */
const GRACE_MS = { upload: 10_000, reply: STALLED_MS } as const;
const BYTES_PER_MS = 16;
/** No body takes longer, whatever its pace. */
const LONGEST_UPLOAD_MS = 60_000;
const SWEEP_MS = 1_000;

/** A request whose body or reply is too large to be counted by numbers alone. */
export class LargeRequest implements Ticket {
  body = 0;
  reply = 0;
  /** When its reply was handed to the socket; undefined: not yet. */
  sentAt: number | undefined;
  readonly socket: Socket;
  /** Has the server's limit, which is one for small bodies, hold again. */
  hurry: () => void = () => undefined;
  private readonly bytesBefore: number;

  constructor(
    readonly request: FastifyRequest,
    readonly answer: FastifyReply,
  ) {
    this.socket = request.raw.socket;
    this.bytesBefore = this.socket.bytesRead;
  }

  /** Whether its body comes too slowly. */
  isStarving(now: number): boolean {
    const age = now - this.request.startedAt;
    const late = age - GRACE_MS.upload;
    if (late < 0 || this.sentAt !== undefined || this.request.raw.complete) return false;
    return age > LONGEST_UPLOAD_MS || this.socket.bytesRead - this.bytesBefore < late * BYTES_PER_MS;
  }

  /** Whether its reply is taken too slowly. */
  isTrickling(now: number): boolean {
    return this.sentAt !== undefined && now - this.sentAt > GRACE_MS.reply + this.reply / BYTES_PER_MS;
  }

  /** Whether its connection has been given up by somebody, and nothing is made of its body any more. */
  isGivenUp(): boolean {
    const isOver = this.socket.destroyed || this.socket.writableEnded;
    return isOver && (this.sentAt !== undefined || !this.request.raw.complete);
  }
}

/** Watches the large requests, so that none of them holds its bytes for a caller who does not send, read or exist. */
export class LargeRequests {
  /** Uploads and replies that were ended because their caller was too slow. */
  readonly ended = { slow_upload: 0, unread_reply: 0 };
  private readonly watched = new Set<LargeRequest>();
  private sweep: NodeJS.Timeout | undefined;

  constructor(private readonly admission: Admission) {}

  watch(large: LargeRequest): void {
    this.watched.add(large);
    large.hurry = letTakeTime(large.socket);
    this.sweep ??= setInterval(() => this.look(performance.now()), SWEEP_MS).unref();
    const { raw } = large.answer;
    const end = (): void => {
      // Without a reply yet, something is still made of the body, whoever has gone.
      if (large.sentAt !== undefined) this.end(large);
    };
    raw.once('finish', end);
    raw.once('close', end);
  }

  /** Its reply of so many bytes goes to the socket now. */
  sending(large: LargeRequest, bytes: number): void {
    large.sentAt = performance.now();
    if (large.socket.destroyed) this.end(large);
    else this.admission.reply(large, bytes);
  }

  end(large: LargeRequest): void {
    large.hurry();
    this.admission.end(large);
    this.watched.delete(large);
    if (this.watched.size > 0) return;
    clearInterval(this.sweep);
    this.sweep = undefined;
  }

  /** Ends the connection if nothing of its reply is taken for a while. */
  endIfStalled({ raw: { socket } }: FastifyRequest, { raw }: FastifyReply): void {
    // Injected requests of tests have no connection.
    if (!(socket instanceof Socket)) return;
    raw.setTimeout(STALLED_MS, () => {
      this.ended.unread_reply++;
      socket.destroy();
    });
  }

  private look(now: number): void {
    for (const large of this.watched) {
      if (large.isGivenUp()) {
        large.socket.destroy();
        this.end(large);
      } else if (large.isTrickling(now)) {
        this.ended.unread_reply++;
        large.socket.destroy();
      } else if (large.isStarving(now)) {
        this.ended.slow_upload++;
        large.answer.raw.setHeader('connection', 'close');
        sendProblem(
          large.request,
          large.answer,
          'request_timeout',
          'the body came too slowly; send it again',
        );
      }
    }
  }
}
