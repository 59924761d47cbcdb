import { HttpException } from '@nestjs/common';
import { BadRequest, DomainError, type FieldError, InvalidInput } from '../errors/errors.js';

/** RFC 9457 problem details, with the same text once more in `error` for clients of the open inference protocols. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: string;
  readonly request_id: string;
  readonly error: string;
  readonly errors?: readonly FieldError[];
  readonly error_count?: number;
}

/** Every code that a client can meet, with its status and constant title. Codes are never reused. */
export const PROBLEMS = {
  invalid_input: { status: 400, title: 'The input is not valid' },
  body_not_json: { status: 400, title: 'The body is not JSON' },
  bad_request: { status: 400, title: 'The request is not valid' },
  route_not_found: { status: 404, title: 'There is no such route' },
  model_not_found: { status: 404, title: 'There is no such model' },
  version_not_found: { status: 404, title: 'There is no such version' },
  method_not_allowed: { status: 405, title: 'The method is not allowed here' },
  request_timeout: { status: 408, title: 'The request took too long to arrive' },
  nothing_to_roll_back: { status: 409, title: 'There is nothing to roll back to' },
  read_only_models: { status: 409, title: 'The models cannot be changed here' },
  version_in_use: { status: 409, title: 'The version is in use' },
  revision_mismatch: { status: 412, title: 'Somebody was faster' },
  body_too_large: { status: 413, title: 'The body is too large' },
  unsupported_media_type: { status: 415, title: 'The media type is not supported' },
  // Told to nobody; proxies have made the number known, and operators find it in metrics and access lines.
  client_gone: { status: 499, title: 'The client hung up' },
  internal_error: { status: 500, title: 'The server failed' },
  model_not_ready: { status: 503, title: 'The model is not ready' },
  aliases_busy: { status: 503, title: 'The model is being changed' },
  prediction_log_unavailable: { status: 503, title: 'The prediction log is not available' },
} as const;

export type ProblemCode = keyof typeof PROBLEMS;

const isProblemCode = (code: string): code is ProblemCode => Object.hasOwn(PROBLEMS, code);

/** The problem that answers `error`; whatever is not known to be the caller's fault is a 500 without particulars. */
export function toProblem(error: unknown, requestId: string): Problem {
  const known = toDomainError(error);
  const code = known && isProblemCode(known.code) ? known.code : 'internal_error';
  const detail =
    code === 'internal_error' ? 'the request could not be served; its id is in the log' : known!.message;
  return problem(code, detail, requestId, known instanceof InvalidInput ? known : undefined);
}

/** Puts one problem together; `invalid` adds the faults by field. */
export function problem(
  code: ProblemCode,
  detail: string,
  requestId: string,
  invalid?: InvalidInput,
): Problem {
  return {
    type: `urn:nestor:problem:${code}`,
    title: PROBLEMS[code].title,
    status: PROBLEMS[code].status,
    detail,
    code,
    request_id: requestId,
    error: detail,
    ...(invalid && { errors: invalid.errors, error_count: invalid.count }),
  };
}

function toDomainError(error: unknown): DomainError | undefined {
  if (error instanceof DomainError) return error;
  if (!(error instanceof HttpException) || error.getStatus() >= 500) return undefined;
  if (error.getStatus() === 413) {
    return new BadRequest(
      'body_too_large',
      'the body is larger than this server takes; send fewer rows per call',
    );
  }
  if (error.getStatus() === 415) {
    return new BadRequest(
      'unsupported_media_type',
      'send the body as JSON with the header Content-Type: application/json',
    );
  }
  return new BadRequest('bad_request', error.message);
}
