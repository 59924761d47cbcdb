import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type Admission, type Refusal, SMALL_BYTES } from './admission.js';
import { bodyLimitOf, bodyTooLarge } from './body-limit.js';
import { deadlineOf } from './deadline.js';
import { askBeforeContinuing, letContinue } from './expect-continue.js';
import { LargeRequest, type LargeRequests } from './large-requests.js';
import type { Queue } from './queue.js';
import { routeOf } from './route-kind.js';
import { sendProblem } from './send-problem.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Body bytes that are counted among the small calls; -1: none. */
    smallBytes: number;
    large: LargeRequest | null;
    /** Of the model of a prediction, where its route or path names one that is loaded; set before admission is asked. */
    queue: Queue | null;
    /** Until when the answer to a prediction is worth having, on the monotonic clock, in milliseconds. */
    deadline: number;
  }
}

const DETAILS = {
  memory: 'the server holds all that it can at the moment; try again later',
  wait: 'more work waits than the server does in time; try again later',
} as const;

/**
 * Asks admission for every request that has a body or is a prediction, before its body is read, and tells it when the
 * reply has left. A small call costs no listener and no closure. A prediction has `timeoutMs` at most.
 * They must be the last hooks `onRequest`: where one that waits came after them, the bytes of a body could be lost.
 */
export function addAdmission(
  server: FastifyInstance,
  admission: Admission,
  large: LargeRequests,
  timeoutMs: number,
): void {
  server.decorateRequest('smallBytes', -1);
  server.decorateRequest('large', null);
  server.decorateRequest('deadline', Infinity);
  server.decorateRequest('queue', null);
  askBeforeContinuing(server.server);

  server.addHook('onRequest', (request, reply, done) => {
    const { headers } = request.raw;
    const isChunked = headers['transfer-encoding'] !== undefined;
    const { kind, takesArchive } = routeOf(request);
    const isPrediction = kind === 'prediction';
    const length = headers['content-length'];
    if (length === undefined && !isChunked && !isPrediction) return done();
    // Streamed to disk, never held.
    if (takesArchive) return done();
    if (isPrediction) {
      try {
        request.deadline = deadlineOf(request, timeoutMs);
      } catch (error) {
        return done(error as Error);
      }
    }
    const bytes = length === undefined ? 0 : Number(length);
    if (bytes > bodyLimitOf(request)) return refuseLength(request, reply);
    const refusal =
      (isPrediction ? refuseWait(request, bytes) : undefined) ??
      (bytes > SMALL_BYTES ? enterLarge(request, reply, bytes) : enterSmall(request, bytes));
    if (refusal !== undefined) return refuse(request, reply, refusal);
    if (isChunked) countChunks(request, reply);
    if (headers.expect !== undefined && request.raw.httpVersion !== '1.0') letContinue(reply);
    done();
  });

  server.addHook('onSend', (request, reply, payload, done) => {
    if (request.smallBytes >= 0) {
      admission.leaveSmall(request.smallBytes);
      request.smallBytes = -1;
    }
    const bytes = lengthOf(payload);
    if (bytes > SMALL_BYTES && request.large === null) {
      request.large = new LargeRequest(request, reply);
      large.watch(request.large);
    }
    if (request.large !== null) large.sending(request.large, bytes);
    // A reply that waits behind another one is as little read as a large one may be.
    if (request.large !== null || request.raw.socket.writableLength > 0) large.endIfStalled(request, reply);
    done();
  });

  function refuseWait({ deadline, startedAt, queue }: FastifyRequest, bytes: number): Refusal | undefined {
    return admission.refuseWait(bytes, (deadline - startedAt) / 1_000, queue);
  }

  function refuse(request: FastifyRequest, reply: FastifyReply, { reason, retryAfter }: Refusal): void {
    void reply.header('retry-after', String(retryAfter));
    sendProblem(request, reply, 'overloaded', DETAILS[reason]);
  }

  function refuseLength(request: FastifyRequest, reply: FastifyReply): void {
    sendProblem(request, reply, 'body_too_large', bodyTooLarge(request));
  }

  function enterSmall(request: FastifyRequest, bytes: number): Refusal | undefined {
    const refusal = admission.enterSmall(bytes);
    if (refusal === undefined) request.smallBytes = bytes;
    return refusal;
  }

  function enterLarge(request: FastifyRequest, reply: FastifyReply, bytes: number): Refusal | undefined {
    const entering = new LargeRequest(request, reply);
    const refusal = admission.grow(entering, bytes);
    if (refusal !== undefined) return refusal;
    request.large = entering;
    large.watch(entering);
    return undefined;
  }

  /** A body whose length is not told is a small call until it is more. */
  function countChunks(request: FastifyRequest, reply: FastifyReply): void {
    const { raw } = request;
    // Who reads the body of a GET bounds it.
    const limit = raw.method === 'GET' ? Infinity : bodyLimitOf(request);
    let bytes = 0;
    // It flows when the parser asks for it, not from this listener on.
    raw.pause();
    raw.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > limit && !reply.sent) {
        stopReading(request);
        refuseLength(request, reply);
        return;
      }
      if (bytes <= SMALL_BYTES || reply.sent) return;
      const refusal =
        request.large === null
          ? enterLarge(request, reply, bytes)
          : admission.grow(request.large, chunk.length);
      if (refusal !== undefined) {
        stopReading(request);
        refuse(request, reply, refusal);
      } else if (request.smallBytes >= 0) {
        admission.leaveSmall(request.smallBytes);
        request.smallBytes = -1;
      }
    });
  }
}

/** Takes the body from whoever reads it. */
function stopReading({ raw }: FastifyRequest): void {
  for (const event of ['data', 'end', 'error']) raw.removeAllListeners(event);
  raw.on('error', () => undefined);
}

/** About the bytes of a reply; 0 for a stream, which holds little. */
function lengthOf(payload: unknown): number {
  return typeof payload === 'string' || Buffer.isBuffer(payload) ? payload.length : 0;
}
