import type { FastifyReply, FastifyRequest } from 'fastify';
import { Socket } from 'node:net';
import { isArriving } from './arriving.js';
import { sendProblem } from './send-problem.js';

/** Has the connection end with this reply, which says so; to be asked before the reply's head is written. */
export function endWithReply({ raw: request }: FastifyRequest, reply: FastifyReply): void {
  reply.raw.shouldKeepAlive = false;
  const { socket, headers } = request;
  if (!isArriving(request) || !(socket instanceof Socket)) return;
  // Who asked before sending may never send, and who was too slow is not waited for.
  if (headers.expect !== undefined || reply.statusCode === 408) return;
  // Closed under a body that is on its way, the connection would be reset, and the reply lost.
  const close = socket.destroySoon.bind(socket);
  socket.destroySoon = () => {
    if (request.complete) close();
    else request.once('end', close);
  };
}

/** Refuses a request that has come on a connection which should not be used any more. */
export function refuseWhileClosing(request: FastifyRequest, reply: FastifyReply): void {
  void reply.header('retry-after', '1');
  sendProblem(
    request,
    reply,
    'shutting_down',
    'this server is stopping; send the request again on a new connection',
  );
}
