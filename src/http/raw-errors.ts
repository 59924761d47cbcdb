import type { FastifyReply, FastifyRequest } from 'fastify';
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { problem, type ProblemCode, PROBLEMS } from './problems.js';
import { newId } from '../observability/ids.js';
import { mayTakeTime } from './slow-requests.js';

const TYPE = 'application/problem+json; charset=utf-8';

/** Answers a request whose path Fastify cannot decode, before any route or filter sees it. */
export function answerBadPath(_error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  const answer = problem('bad_request', 'the path is not validly percent-encoded', request.id);
  void reply.status(answer.status).header('x-request-id', request.id).type(TYPE).send(JSON.stringify(answer));
}

/** Answers what is not HTTP, or came too slowly: there is no request yet, so the socket is written to directly. */
export function answerClientError(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT' && mayTakeTime(socket)) return;
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const [code, detail] = toProblemCode(error.code);
  const { status } = PROBLEMS[code];
  const id = newId();
  const body = JSON.stringify(problem(code, detail, id));
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    `content-type: ${TYPE}`,
    `content-length: ${Buffer.byteLength(body)}`,
    `x-request-id: ${id}`,
    'connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}

function toProblemCode(code: string | undefined): [ProblemCode, string] {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT')
    return ['request_timeout', 'the request did not arrive in time; send it again'];
  if (code === 'HPE_HEADER_OVERFLOW')
    return ['bad_request', 'the headers are larger than 16 KiB; send fewer'];
  return ['bad_request', 'this is not a valid HTTP request'];
}
