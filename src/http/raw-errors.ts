import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { newId } from '../observability/ids.js';
import { arrivingOn } from './arriving.js';
import { NO_METHOD } from './finished-requests.js';
import { problemOfOverflow } from './header-overflow.js';
import { problem, type ProblemCode, PROBLEMS } from './problems.js';
import { sendProblem } from './send-problem.js';
import { mayTakeTime } from './slow-requests.js';

const TYPE = 'application/problem+json; charset=utf-8';

/** Answers a request whose path Fastify cannot decode, before any route, hook or filter sees it. */
function answerBadPath(_error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  const answer = problem('bad_request', 'the path is not validly percent-encoded', request.id);
  request.server.finishedRequests.addRefused(request.id, request.method, answer.status);
  void reply.status(answer.status).header('x-request-id', request.id).type(TYPE).send(JSON.stringify(answer));
}

/**
 * Answers what is not HTTP, or came too slowly. Within a body it is the reply to its request, with its id; before that
 * there is no request yet, so the connection is written to directly.
 */
function answerClientError(this: FastifyInstance, error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT' && mayTakeTime(socket)) return;
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const reply = arrivingOn(socket);
  if (reply === undefined) answerRaw(this, socket, ...problemOf(error));
  else if (reply.sent) socket.destroySoon();
  else {
    const [code, detail] = error.code === 'HPE_INVALID_EOF_STATE' ? HUNG_UP : problemOf(error);
    reply.raw.setHeader('connection', 'close');
    sendProblem(reply.request, reply, code, detail);
    // Whoever reads the body must hear that no more comes; Node tells it of requests without a reply alone.
    socket.once('close', () => reply.request.raw.destroy());
  }
}

/** Options of Fastify: who answers where it has no route yet. */
export const EARLY_ANSWERS = { frameworkErrors: answerBadPath, clientErrorHandler: answerClientError };

/** A tunnel to elsewhere, which Node would refuse by hanging up. */
export function refuseTunnels(server: FastifyInstance): void {
  server.server.on('connect', (_request, socket: Socket) => {
    answerRaw(server, socket, 'bad_request', 'this server is no proxy; ask it by a path');
  });
}

function answerRaw(server: FastifyInstance, socket: Socket, code: ProblemCode, detail: string): void {
  const { status } = PROBLEMS[code];
  const id = newId();
  server.finishedRequests.addRefused(id, NO_METHOD, status);
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

const HUNG_UP: [ProblemCode, string] = ['client_gone', 'the connection ended within the body'];

function problemOf(error: Error & { code?: string }): [ProblemCode, string] {
  switch (error.code) {
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return ['request_timeout', 'the request did not arrive in time; send it again'];
    case 'HPE_HEADER_OVERFLOW':
      return problemOfOverflow(error);
    case 'HPE_INVALID_URL':
      return ['bad_request', 'the URL holds a byte that must be percent-encoded'];
    default:
      return ['bad_request', 'this is not a valid HTTP request'];
  }
}
