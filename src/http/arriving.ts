import type { FastifyReply } from 'fastify';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

const REPLY = Symbol('reply to the request whose body arrives');

type Connection = Socket & {
  [REPLY]?: FastifyReply | undefined;
  readonly _httpMessage?: ServerResponse | null;
};

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

/** Whether some of a body is still on its way. */
export function isArriving({ complete, headers }: IncomingMessage): boolean {
  if (complete) return false;
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

/** The reply that Node is about to send on a connection; null: it waits for a request. */
export function replyOn(socket: Connection): ServerResponse | null {
  return socket._httpMessage ?? null;
}
