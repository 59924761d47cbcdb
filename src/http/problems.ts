import { HttpException } from '@nestjs/common';
import type { ErrorCode } from '../errors/error-code.js';
import { DomainError, type FieldError, InvalidInput } from '../errors/errors.js';

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

interface Row {
  readonly status: number;
  readonly title: string;
}

/** Every code that a client can meet, with its status and constant title. Codes are never reused. */
export const PROBLEMS = {
  invalid_input: { status: 400, title: 'The input is not valid' },
  body_not_json: { status: 400, title: 'The body is not JSON' },
  bad_request: { status: 400, title: 'The request is not valid' },
  unauthenticated: { status: 401, title: 'Nobody knows who asks' },
  forbidden: { status: 403, title: 'This may not be done' },
  route_not_found: { status: 404, title: 'There is no such route' },
  model_not_found: { status: 404, title: 'There is no such model' },
  version_not_found: { status: 404, title: 'There is no such version' },
  job_not_found: { status: 404, title: 'There is no such job' },
  prediction_not_found: { status: 404, title: 'There is no such prediction' },
  baseline_not_found: { status: 404, title: 'The drift is not watched' },
  gate_not_found: { status: 404, title: 'There is no report of the gate' },
  file_not_found: { status: 404, title: 'There is no such file' },
  method_not_allowed: { status: 405, title: 'The method is not allowed here' },
  request_timeout: { status: 408, title: 'The request took too long to arrive' },
  conflict: { status: 409, title: 'It does not fit what is there' },
  version_taken: { status: 409, title: 'The version number is taken' },
  nothing_to_roll_back: { status: 409, title: 'There is nothing to roll back to' },
  read_only_models: { status: 409, title: 'The models cannot be changed here' },
  version_in_use: { status: 409, title: 'The version is in use' },
  gate_not_passed: { status: 409, title: 'The gate was not passed' },
  lease_lost: { status: 409, title: 'The lease is lost' },
  job_has_version: { status: 409, title: 'The job has published a version' },
  prediction_gone: { status: 410, title: 'The record is gone' },
  precondition_failed: { status: 412, title: 'It has changed in the meantime' },
  revision_mismatch: { status: 412, title: 'Somebody was faster' },
  body_too_large: { status: 413, title: 'The body is too large' },
  archive_too_large: { status: 413, title: 'The archive is too large' },
  uri_too_long: { status: 414, title: 'The URL is too long' },
  unsupported_media_type: { status: 415, title: 'The media type is not supported' },
  expectation_failed: { status: 417, title: 'The expectation cannot be met' },
  unprocessable: { status: 422, title: 'It cannot be taken as it is' },
  invalid_archive: { status: 422, title: 'The archive cannot be taken' },
  version_refused: { status: 422, title: 'The version cannot be served' },
  report_refused: { status: 422, title: 'The report cannot be taken' },
  idempotency_mismatch: { status: 422, title: 'The key stands for something else' },
  precondition_required: { status: 428, title: 'The request must say what it has seen' },
  too_many_requests: { status: 429, title: 'Too many requests' },
  headers_too_large: { status: 431, title: 'The headers are too large' },
  // Told to nobody; proxies have made the number known, and operators find it in metrics and access lines.
  client_gone: { status: 499, title: 'The client hung up' },
  internal_error: { status: 500, title: 'The server failed' },
  model_not_ready: { status: 503, title: 'The model is not ready' },
  model_process_ended: { status: 503, title: 'The process of the model ended' },
  shutting_down: { status: 503, title: 'The server is stopping' },
  overloaded: { status: 503, title: 'The server has too much to do' },
  version_not_ready: { status: 503, title: 'The version is not ready' },
  uploads_busy: { status: 503, title: 'Too many uploads at a time' },
  aliases_busy: { status: 503, title: 'The model is being changed' },
  prediction_log_unavailable: { status: 503, title: 'The prediction log is not available' },
  prediction_log_failed: { status: 503, title: 'The prediction log has failed' },
  issuer_unavailable: { status: 503, title: 'The issuer cannot be reached' },
  state_unavailable: { status: 503, title: 'The state database is not available' },
  queue_full: { status: 503, title: 'Too many jobs wait' },
  search_busy: { status: 503, title: 'Records cannot be looked for' },
  waiters_busy: { status: 503, title: 'Too many wait for news' },
  deadline_exceeded: { status: 504, title: 'The answer was not ready in time' },
  http_version_not_supported: { status: 505, title: 'The version of HTTP is not spoken here' },
  no_space: { status: 507, title: 'The disk of the models is full' },
} as const satisfies Record<ErrorCode, Row> & Record<string, Row>;

export const NO_SUCH_ROUTE = 'there is no such route; GET / shows where to begin';
const BODY_TOO_LARGE = 'the body is larger than this server takes; send fewer rows per call';

export type ProblemCode = keyof typeof PROBLEMS;

/** The problem that answers `error`; whatever is not known to be the caller's fault is a 500 without particulars. */
export function toProblem(error: unknown, requestId: string): Problem {
  if (error instanceof DomainError) {
    return problem(error.code, error.message, requestId, error instanceof InvalidInput ? error : undefined);
  }
  const status = error instanceof HttpException ? error.getStatus() : 500;
  if (status === 413) return problem('body_too_large', BODY_TOO_LARGE, requestId);
  if (status >= 500 && status !== 504) {
    return problem('internal_error', 'the request could not be served; its id is in the log', requestId);
  }
  return problem(OF_STATUS[status] ?? 'bad_request', (error as HttpException).message, requestId);
}

/** Seconds for the header `Retry-After`: only on what passes by itself. */
export function retryAfterOf(error: unknown): number | undefined {
  return error instanceof DomainError ? error.retryAfter : undefined;
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

/** What frameworks refuse by a status alone is told by the code of that status. */
const OF_STATUS: Readonly<Record<number, ProblemCode>> = {
  401: 'unauthenticated',
  403: 'forbidden',
  408: 'request_timeout',
  409: 'conflict',
  412: 'precondition_failed',
  415: 'unsupported_media_type',
  422: 'unprocessable',
  428: 'precondition_required',
  429: 'too_many_requests',
  504: 'deadline_exceeded',
};
