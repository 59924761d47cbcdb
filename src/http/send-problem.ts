import type { FastifyReply, FastifyRequest } from 'fastify';
import { problem, type ProblemCode } from './problems.js';

/** Answers with a problem from a hook, where no filter is asked. */
export function sendProblem(
  request: FastifyRequest,
  reply: FastifyReply,
  code: ProblemCode,
  detail: string,
): void {
  const answer = problem(code, detail, request.id);
  void reply
    .status(answer.status)
    .type('application/problem+json; charset=utf-8')
    .send(JSON.stringify(answer));
}
