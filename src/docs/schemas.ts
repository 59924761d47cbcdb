import type { OpenAPIObject } from '@nestjs/swagger';
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

/** The header of a reply to one row. */
export const PREDICTION_ID = {
  'x-prediction-id': {
    description: 'Names the record of the prediction in the prediction log, where one row was asked for',
    schema: { type: 'string', format: 'uuid' },
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

const REQUEST_ID = { $ref: '#/components/headers/x-request-id' };
const SAFE_ID: SchemaObject = { type: 'string', pattern: '^[A-Za-z0-9._-]{1,128}$' };

/** Headers that travel with every request and every answer. */
export const COMMON_COMPONENTS = {
  headers: {
    'x-request-id': {
      description: 'Names the request in logs and records: yours, or one that was made for it',
      schema: SAFE_ID,
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
  },
} as const satisfies OpenAPIObject['components'];

/** Documents the id of the request at an operation and each of its answers. */
export function addIds(operation: OperationObject): void {
  operation.parameters = [...(operation.parameters ?? []), { $ref: '#/components/parameters/x-request-id' }];
  for (const [status, response] of Object.entries(operation.responses)) {
    operation.responses[status] = {
      ...response!,
      headers: { ...(response as ResponseObject).headers, 'x-request-id': REQUEST_ID },
    };
  }
}
