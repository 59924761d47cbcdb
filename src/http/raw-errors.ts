import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { newId } from '../observability/ids.js';
import { arrivingOn, replyOn } from './arriving.js';
import { SPOKEN } from './bad-requests.js';
import { NO_METHOD } from './finished-requests.js';
import { problemOfOverflow } from './header-overflow.js';
import { endWithAnswer, hadLastAnswer, hangUp } from './last-answer.js';
import { problem, type ProblemCode, PROBLEMS } from './problems.js';
import { requestId } from './request-hooks.js';
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
  if (hadLastAnswer(socket)) return;
  if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT' && mayTakeTime(socket)) return;
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const reply = arrivingOn(socket);
  if (reply === undefined) answerRaw(this, socket, { id: newId(), method: NO_METHOD }, problemOf(error));
  else if (reply.sent) hangUp(socket);
  else {
    const [code, detail] = error.code === 'HPE_INVALID_EOF_STATE' ? HUNG_UP : problemOf(error);
    reply.raw.setHeader('connection', 'close');
    endWithAnswer(socket);
    sendProblem(reply.request, reply, code, detail);
    // Whoever reads the body must hear that no more comes; Node tells it of requests without a reply alone.
    socket.once('close', () => reply.request.raw.destroy());
  }
}

/** Options of Fastify: who answers where it has no route yet. */
export const EARLY_ANSWERS = { frameworkErrors: answerBadPath, clientErrorHandler: answerClientError };

/** A tunnel to elsewhere, which Node would refuse by hanging up. */
export function refuseTunnels(server: FastifyInstance): void {
  server.server.on('connect', (request, socket: Socket) => {
    // Node has let go of the connection: an error of it would end the process, and nobody reads what comes.
    socket.on('error', () => undefined).resume();
    const asked = { id: requestId(request), method: request.method ?? NO_METHOD };
    answerRaw(server, socket, asked, ['bad_request', 'this server is no proxy; ask it by a path']);
  });
}

function answerRaw(
  { finishedRequests }: FastifyInstance,
  socket: Socket,
  { id, method }: { readonly id: string; readonly method: string },
  [code, detail]: [ProblemCode, string],
): void {
  const { status } = PROBLEMS[code];
  endWithAnswer(socket);
  finishedRequests.addRefused(id, method, status);
  const body = JSON.stringify(problem(code, detail, id));
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    `content-type: ${TYPE}`,
    `content-length: ${Buffer.byteLength(body)}`,
    `x-request-id: ${id}`,
    'connection: close',
  ];
  afterReplies(socket, () => hangUp(socket, `${head.join('\r\n')}\r\n\r\n${body}`));
}

/** Calls `then` when the replies to the requests before have left, which their caller counts. */
function afterReplies(socket: Socket, then: () => void): void {
  const reply = replyOn(socket);
  if (reply !== null) reply.once('close', () => afterReplies(socket, then));
  else if (socket.writable) then();
}

const HUNG_UP: [ProblemCode, string] = ['client_gone', 'the connection ended within the body'];

function problemOf(error: Error & { code?: string }): [ProblemCode, string] {
  switch (error.code) {
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return ['request_timeout', 'the request did not arrive in time; send it again'];
    case 'HPE_HEADER_OVERFLOW':
      return problemOfOverflow(error);
    case 'HPE_PAUSED_H2_UPGRADE':
      return ['http_version_not_supported', SPOKEN];
    case 'HPE_INVALID_VERSION':
      return isLineEnd(error)
        ? ['bad_request', 'a line must end in CR and LF']
        : ['http_version_not_supported', SPOKEN];
    case 'HPE_INVALID_URL':
      return [
        'bad_request',
        'the URL does not begin with a slash, or holds a byte that must be percent-encoded',
      ];
    default:
      return ['bad_request', 'this is not a valid HTTP request'];
  }
}

/** Node has one code for a version that it does not know and for what stands behind one. */
const isLineEnd = ({ reason }: Error & { reason?: string }): boolean =>
  reason === 'Expected CRLF after version';
