import type { FastifyRequest } from 'fastify';
import { BadRequest } from '../errors/errors.js';

/** In it a caller says how long he waits for a prediction, in milliseconds. */
export const TIMEOUT_HEADER = 'x-request-timeout-ms';

/**
 * Until when the answer to a request is worth having, on the monotonic clock, in milliseconds: `mostMs` after its headers
 * had arrived, or sooner if its caller says so.
 * @throws BadRequest if what he says is no whole number from 1 on.
 */
export function deadlineOf({ raw, startedAt }: FastifyRequest, mostMs: number): number {
  const asked = raw.headers[TIMEOUT_HEADER] as string | undefined;
  if (asked === undefined) return startedAt + mostMs;
  const milliseconds = /^\d+$/.test(asked) ? Number(asked) : 0;
  if (milliseconds < 1) {
    const detail = `the header ${TIMEOUT_HEADER} must be a whole number of milliseconds from 1 on, such as 500; send it once, or leave it out`;
    throw new BadRequest('bad_request', detail);
  }
  return startedAt + Math.min(milliseconds, mostMs);
}
