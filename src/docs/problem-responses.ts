import { ApiExtension } from '@nestjs/swagger';
import { PROBLEMS, type ProblemCode } from '../http/problems.js';
import type { MediaObject, ResponseObject } from './openapi-types.js';

/** Statuses whose answers may say when to call again. */
const PASSING: readonly number[] = [429, 503];

/** What an operation has in place of its refusals until the document is made. */
export const REFUSES_BY = 'x-refuses-by';

/** What a body of JSON may be refused for. */
export const BODY_PROBLEMS = [
  'invalid_input',
  'body_not_json',
  'bad_request',
  'body_too_large',
  'unsupported_media_type',
] as const satisfies readonly ProblemCode[];

/** What a prediction may be refused for, whatever was sent. */
export const PREDICTION_PROBLEMS = [
  'model_not_ready',
  'model_process_ended',
  'overloaded',
  'prediction_log_unavailable',
  'prediction_log_failed',
  'deadline_exceeded',
] as const satisfies readonly ProblemCode[];

/** What any route may answer, whatever it is for. */
const ANYWHERE = [
  // Where callers need keys.
  'unauthenticated',
  'issuer_unavailable',
  'forbidden',
  // A query that is no percent-encoded UTF-8.
  'invalid_input',
  'bad_request',
  'request_timeout',
  'body_too_large',
  'uri_too_long',
  'expectation_failed',
  'headers_too_large',
  'internal_error',
  'overloaded',
  'shutting_down',
  'http_version_not_supported',
] as const satisfies readonly ProblemCode[];

/**
 * Their texts say what was odd, or who may not: no one text is an example for every route. `client_gone` is told to
 * nobody.
 */
const WITHOUT_EXAMPLE = [
  'client_gone',
  'invalid_input',
  'bad_request',
  'unauthenticated',
  'forbidden',
  'too_many_requests',
  'request_timeout',
  'uri_too_long',
  'expectation_failed',
  'headers_too_large',
  'overloaded',
  'shutting_down',
] as const satisfies readonly ProblemCode[];
export type WithoutExample = (typeof WITHOUT_EXAMPLE)[number];
const WITHOUT: ReadonlySet<ProblemCode> = new Set(WITHOUT_EXAMPLE);

/** Says which problems an operation answers, beside those of any route. */
export const RefusesBy = (...codes: readonly ProblemCode[]): MethodDecorator =>
  ApiExtension(REFUSES_BY, { codes });

/** Problems by their status, each code with its example; `own` examples are the operation's, by code. */
export function problemResponses(
  codes: readonly ProblemCode[],
  own: Readonly<Partial<Record<ProblemCode, object>>> = {},
): Record<string, ResponseObject> {
  const byStatus = Map.groupBy(codes, (code) => PROBLEMS[code].status);
  const responses = [...byStatus].map(([status, some]) => [status, problemResponse(some, own)]);
  return { ...Object.fromEntries(responses), default: problemResponse(ANYWHERE, own) } as Record<
    string,
    ResponseObject
  >;
}

/** The problems of one response; `own` examples are the operation's, by code. */
export function problemResponse(
  codes: readonly ProblemCode[],
  own: Readonly<Partial<Record<ProblemCode, object>>> = {},
): ResponseObject {
  const examples: NonNullable<MediaObject['examples']> = {};
  for (const code of codes) {
    if (own[code] !== undefined) examples[code] = { value: own[code] };
    else if (!WITHOUT.has(code)) examples[code] = { $ref: `#/components/examples/${code}` };
  }
  return {
    description: codes.map((code) => `\`${code}\`: ${PROBLEMS[code].title}`).join('. '),
    ...(codes.some((code) => PASSING.includes(PROBLEMS[code].status)) && {
      headers: { 'retry-after': { $ref: '#/components/headers/retry-after' } },
    }),
    content: {
      'application/problem+json': {
        schema: { $ref: '#/components/schemas/Problem' },
        ...(Object.keys(examples).length > 0 && { examples }),
      },
    },
  };
}
