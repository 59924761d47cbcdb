import type { FastifyReply } from 'fastify';
import type { Socket } from 'node:net';

const REPLY = Symbol('reply to the request whose body arrives');

type Connection = Socket & { [REPLY]?: FastifyReply | undefined };

/** Remembers on the connection who must be told if the body of this request breaks off. */
export function bodyBegins(reply: FastifyReply): void {
  (reply.request.raw.socket as Connection)[REPLY] = reply;
}

/** The body is whole: what comes now on the connection is another request. */
export function bodyEnds(socket: Connection): void {
  if (socket[REPLY] !== undefined) socket[REPLY] = undefined;
}

/** The reply to the request whose body is on its way; undefined: there is none. */
export function arrivingOn(socket: Connection): FastifyReply | undefined {
  return socket[REPLY];
}
