import { isInTime } from '../errors/in-time.js';
import type { Backlog, Queue } from './queue.js';
import { RetryAfter } from './retry-after.js';

/** Bodies up to this size, those of one row, have a share of the budget that larger ones never take. */
export const SMALL_BYTES = 65_536;
const SMALL_SHARE = 1 / 8;
/** What a request costs beside its body: the objects of Node, Fastify and its connection. */
const REQUEST_BYTES = 16_384;
/** A body and the rows that are made of it, measured: `docs/architecture.md`. */
const KEPT = 2;
/** What parsing and recording take besides while they last; they are done one body at a time. */
const WORKED = 3;

const MIB = 1_048_576;
const SHORTEST_WAIT = 0.5;
const WAIT_PER_MIB = 5;
const LONGEST_WAIT = 10;

/** Why a request is not taken: too much is held in memory, or too much work waits before it. */
export interface Refusal {
  readonly reason: 'memory' | 'wait';
  readonly retryAfter: number;
}

/** What one request holds. It is changed by `Admission` alone. */
export interface Ticket {
  body: number;
  reply: number;
}

/**
 * Decides which requests are taken, so that what the process holds for all of them stays within a budget of bytes and
 * nobody waits longer than the size of the call is worth. Small calls are plain numbers, larger ones hold a ticket.
 */
export class Admission {
  readonly refused = { memory: 0, wait: 0, late: 0 };
  private smallCalls = 0;
  private smallBytes = 0;
  private readonly tickets = new Set<Ticket>();
  private largeBytes = 0;
  /** Of the models that run on the event loop. */
  private readonly eventLoop: Queue = {
    seconds: (bytes) => this.backlog.seconds(bytes),
    secondsPerRow: 0,
    sensibleWait: 0,
  };

  constructor(
    readonly budget: number,
    private readonly backlog: Backlog,
    private readonly now: () => number = () => performance.now(),
    private readonly retryAfter = new RetryAfter(),
  ) {}

  /** Bytes that are held for all requests. */
  get held(): number {
    return this.smallBytes + this.largeBytes;
  }

  get requests(): { readonly small: number; readonly large: number } {
    return { small: this.smallCalls, large: this.tickets.size };
  }

  /**
   * Whether a prediction with a body of so many bytes would wait for too long, or not be answered in time.
   * @param left seconds until its deadline
   * @param queue of its model, where that is known; else it is one of those that run on the event loop
   */
  refuseWait(bytes: number, left: number, queue: Queue | null): Refusal | undefined {
    const asked = queue ?? this.eventLoop;
    const seconds = asked.seconds(bytes);
    const own = asked.secondsPerRow;
    const longest = Math.max(longestWait(bytes), asked.sensibleWait);
    if (seconds <= longest && isInTime(seconds, own, left)) return undefined;
    if (asked.line === undefined) return this.refuse('wait', bytes, seconds);
    this.refused.wait++;
    return { reason: 'wait', retryAfter: asked.line.seconds(own, seconds, this.now()) };
  }

  /** Counts a prediction that was taken, and that its model has refused for what waits when its body had been read. */
  addRefusedLate(): void {
    this.refused.late++;
  }

  /** Takes a call of at most `SMALL_BYTES`, which `leaveSmall` gives back, or says why not. */
  enterSmall(bytes: number): Refusal | undefined {
    const after = this.smallBytes + cost(bytes);
    if (after > this.budget * SMALL_SHARE && after + this.largeBytes > this.budget) {
      return this.refuse('memory', bytes, this.backlog.seconds(bytes));
    }
    this.smallBytes = after;
    this.smallCalls++;
    return undefined;
  }

  leaveSmall(bytes: number): void {
    this.smallBytes -= cost(bytes);
    this.smallCalls--;
    this.retryAfter.giveBack(bytes);
  }

  /** Takes so many bytes more of a larger call, all of them or as they come. A body alone is always taken. */
  grow(ticket: Ticket, bytes: number): Refusal | undefined {
    const body = ticket.body;
    ticket.body += bytes;
    this.tickets.add(ticket);
    const after = this.reckon();
    const small = Math.max(this.smallBytes, this.budget * SMALL_SHARE);
    if (this.tickets.size > 1 && after + small > this.budget) {
      ticket.body = body;
      if (body === 0) this.tickets.delete(ticket);
      return this.refuse('memory', bytes, this.backlog.seconds(bytes));
    }
    this.largeBytes = after;
    return undefined;
  }

  /** The body has become a reply of so many bytes, which is held until it has been sent. */
  reply(ticket: Ticket, bytes: number): void {
    this.retryAfter.giveBack(ticket.body);
    ticket.body = 0;
    ticket.reply = bytes;
    this.tickets.add(ticket);
    this.largeBytes = this.reckon();
  }

  /** Nothing is held any more; more than once does no harm. */
  end(ticket: Ticket): void {
    if (!this.tickets.delete(ticket)) return;
    this.retryAfter.giveBack(ticket.body);
    this.largeBytes = this.reckon();
  }

  private reckon(): number {
    let held = 0;
    let largest = 0;
    for (const { body, reply } of this.tickets) {
      held += KEPT * body + reply + REQUEST_BYTES;
      if (body > largest) largest = body;
    }
    return held + WORKED * largest;
  }

  private refuse(reason: Refusal['reason'], bytes: number, seconds: number): Refusal {
    this.refused[reason]++;
    return { reason, retryAfter: this.retryAfter.seconds(bytes, seconds, this.now()) };
  }
}

const cost = (bytes: number): number => KEPT * bytes + REQUEST_BYTES;
const longestWait = (bytes: number): number =>
  Math.min(Math.max(SHORTEST_WAIT, (WAIT_PER_MIB * bytes) / MIB), LONGEST_WAIT);
