import type { FastifyReply, FastifyRequest } from 'fastify';
import { wantsPage } from '../http/wants-page.js';
import { policy } from '../pages/page.js';

const POLICY = policy();

/** Whether a caller gets a page, without a script, in the place of JSON; if so, the headers of the reply say it. */
export function isPageAnswer(request: FastifyRequest, reply: FastifyReply): boolean {
  if (!wantsPage(request, reply, 'application/json')) return false;
  void reply
    .type('text/html; charset=utf-8')
    .header('content-security-policy', POLICY)
    .header('x-content-type-options', 'nosniff');
  return true;
}
