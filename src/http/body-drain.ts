import type { IncomingMessage, ServerResponse } from 'node:http';
import { SMALL_BYTES } from './admission.js';
import { endWithAnswer } from './last-answer.js';

/** How long a body has its turn. */
const TURN_MS = 5;
/** Each may give two megabytes in a turn of the event loop, some milliseconds' work that the calls taken wait for. */
const AT_A_TIME = 2;

/**
 * Lets through what is still to come of bodies that were refused, few of them at a time. Most clients listen while they
 * send and stop at the refusal; the others send all before they listen, and would never see it on a closed connection.
 * Left to Node, hundreds of bodies would be read at once, and the event loop held for seconds.
 */
export class BodyDrain {
  private bodies: IncomingMessage[] = [];
  private timer: NodeJS.Timeout | undefined;

  /** Must be called before the head of `response`, the refusal, is written. */
  add(body: IncomingMessage, response: ServerResponse): void {
    if (body.complete && body.readableLength === 0) return;
    // Whether more comes is not known, or it has taken too long.
    if (response.hasHeader('connection')) return endWithAnswer(body.socket);
    if (!response.shouldKeepAlive) {
      // The caller wants the connection closed; done at once, that would be the reset which this is to prevent.
      const { socket } = body;
      socket.destroySoon = () => (body.readableEnded ? socket.end() : body.once('end', () => socket.end()));
    }
    // Less work than its turn: hundreds of them a second are read at once.
    if (Number(body.headers['content-length']) <= SMALL_BYTES) {
      body.resume();
      return;
    }
    // Fills the request's own buffer and then stops reading; Node leaves alone what somebody has begun to read.
    body.pause();
    body.read(0);
    this.bodies.push(body);
    this.timer ??= setInterval(() => this.turn(), TURN_MS).unref();
  }

  /** Those that had their turn come behind the others, as one that gives nothing must not hold them up. */
  private turn(): void {
    const had = this.bodies.splice(0, AT_A_TIME);
    for (const body of had) body.pause();
    this.bodies = [...this.bodies, ...had].filter((body) => !body.readableEnded && !body.destroyed);
    for (const body of this.bodies.slice(0, AT_A_TIME)) body.resume();
    if (this.bodies.length > 0) return;
    clearInterval(this.timer);
    this.timer = undefined;
  }
}
