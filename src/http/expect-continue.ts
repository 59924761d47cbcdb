import type { FastifyReply } from 'fastify';
import type { Server } from 'node:http';

/**
 * A caller that asks with `Expect: 100-continue` whether it may send its body hears yes only when it is admitted. Any
 * other answer ends the connection, because the caller may send the body or not, and nobody could tell.
 */
export function askBeforeContinuing(server: Server): void {
  server.on('checkContinue', (request, response) => {
    response.setHeader('connection', 'close');
    server.emit('request', request, response);
  });
}

/** Lets a caller send its body that has asked whether it may. */
export function letContinue({ raw }: FastifyReply): void {
  raw.removeHeader('connection');
  raw.writeContinue();
}
