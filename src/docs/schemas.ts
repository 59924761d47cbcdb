import type { OpenAPIObject } from '@nestjs/swagger';
import { TIMEOUT_HEADER } from '../http/deadline.js';
import { problemResponse } from './problem-responses.js';
import type { OperationObject, ResponseObject, SchemaObject } from './openapi-types.js';

const text: SchemaObject = { type: 'string' };

const fault = (codes: SchemaObject): SchemaObject => ({
  type: 'object',
  required: ['pointer', 'code', 'detail'],
  properties: {
    pointer: { ...text, description: 'JSON pointer of the field, e.g. /instances/17/salary' },
    code: codes,
    detail: text,
  },
});

export const WARNINGS: SchemaObject = {
  type: 'array',
  description: 'Legal inputs outside of what the model was trained on; absent where there are none',
  items: fault({ ...text, enum: ['outside_training_range'] }),
};

/** The headers of a prediction. */
export const PREDICTION_HEADERS = {
  'x-prediction-id': {
    description: 'Names the record of the prediction in the prediction log, where one row was asked for',
    schema: { type: 'string', format: 'uuid' },
  },
  'server-timing': {
    description:
      'Milliseconds that the call waited for its first run (`queue`), was in the model (`run`), waited for its record (`record`), and in all (`total`)',
    schema: text,
    example: 'queue;dur=0.041, run;dur=0.062, record;dur=0.035, total;dur=0.187',
  },
} as const;

/** Schemas that more than one route refers to. */
export const COMMON_SCHEMAS: Record<string, SchemaObject> = {
  Problem: {
    type: 'object',
    description: 'Problem details, RFC 9457',
    required: ['type', 'title', 'status', 'detail', 'code', 'request_id', 'error'],
    properties: {
      type: text,
      title: text,
      status: { type: 'integer' },
      detail: { ...text, description: 'What is wrong and how to mend it' },
      code: { ...text, description: 'Stable name of the problem' },
      request_id: text,
      error: { ...text, description: 'The detail once more, for clients of the open inference protocols' },
      errors: { type: 'array', maxItems: 50, items: fault(text) },
      error_count: { type: 'integer', description: 'All faults, also those that are not listed' },
    },
  },
};

const SAFE_ID: SchemaObject = { type: 'string', pattern: '^[A-Za-z0-9._-]{1,128}$' };

/** Headers that travel with every request and every answer, and what predictions are asked with beside. */
export const COMMON_COMPONENTS = {
  headers: {
    'x-request-id': {
      description: 'Names the request in logs and records: yours, or one that was made for it',
      schema: SAFE_ID,
    },
    'retry-after': {
      description: 'Whole seconds after which the call is likely to pass; absent where nobody knows',
      schema: { type: 'integer', minimum: 1 },
    },
    'ratelimit-policy': {
      description:
        'What the key may ask for, where it has a rate: `q` rows at once, and as many in each `w` seconds',
      schema: { type: 'string', pattern: '^"rows";q=[0-9]+;w=[0-9]+$' },
      example: '"rows";q=200;w=2',
    },
    ratelimit: {
      description:
        'What is left to the key, where it has a rate: `r` rows; after `t` seconds a call passes, or passes still',
      schema: { type: 'string', pattern: '^"rows";r=[0-9]+;t=[0-9]+$' },
      example: '"rows";r=57;t=1',
    },
  },
  parameters: {
    'x-request-id': {
      name: 'x-request-id',
      in: 'header',
      required: false,
      description: 'Your name for the request; it comes back, and stands in logs and records',
      schema: SAFE_ID,
    },
    [TIMEOUT_HEADER]: {
      name: TIMEOUT_HEADER,
      in: 'header',
      required: false,
      description:
        'How long you wait, in milliseconds, from the moment in which the headers of the request have arrived; what the server allows where it is more or not said. An answer that is not ready then is 504.',
      schema: { type: 'integer', minimum: 1 },
    },
  },
} as const satisfies OpenAPIObject['components'];

/** Documents how long the caller waits, at an operation that may answer too late. */
export function addTimeout(operation: OperationObject): void {
  if (operation.responses['504'] === undefined) return;
  const timeout = { $ref: `#/components/parameters/${TIMEOUT_HEADER}` };
  operation.parameters = [...(operation.parameters ?? []), timeout];
}

/** Documents the id of the request at an operation and each of its answers. */
export function addIds(operation: OperationObject): void {
  operation.parameters = [...(operation.parameters ?? []), { $ref: '#/components/parameters/x-request-id' }];
  addHeaders(operation, ['x-request-id']);
}

/** Documents what is left to a key with a rate, and its refusal, at an operation that needs a key. */
export function addRate(operation: OperationObject): void {
  if (operation.security?.length === 0) return;
  operation.responses['429'] = problemResponse(['too_many_requests']);
  addHeaders(operation, ['ratelimit-policy', 'ratelimit']);
}

/** Documents headers that each answer of an operation may have. */
function addHeaders(
  operation: OperationObject,
  names: readonly (keyof typeof COMMON_COMPONENTS.headers)[],
): void {
  const added = Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]));
  for (const [status, response] of Object.entries(operation.responses)) {
    const { headers } = response as ResponseObject;
    operation.responses[status] = { ...response!, headers: { ...headers, ...added } };
  }
}
