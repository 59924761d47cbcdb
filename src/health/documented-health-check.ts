import { applyDecorators } from '@nestjs/common';
import { ApiOkResponse, ApiServiceUnavailableResponse } from '@nestjs/swagger';
import { HealthCheck } from '@nestjs/terminus';
import { Kind } from '../http/route-kind.js';
import type { SchemaObject } from '../docs/openapi-types.js';

/** What is asked, by its name. */
type Indicators = Readonly<
  Record<string, { readonly status: 'up' | 'down'; readonly [fact: string]: unknown }>
>;

const INDICATORS: SchemaObject = {
  type: 'object',
  additionalProperties: {
    type: 'object',
    required: ['status'],
    properties: { status: { type: 'string', enum: ['up', 'down'] } },
    additionalProperties: true,
  },
};

/**
 * Terminus's `HealthCheck`, documented by what this server answers: its own examples are of one with a database. A
 * route that asks nothing fails only while the process ends.
 */
export function DocumentedHealthCheck(up: Indicators, down: Indicators): MethodDecorator {
  const status = Object.keys(down).length === 0 ? 'shutting_down' : 'error';
  return applyDecorators(
    Kind('health'),
    HealthCheck({ noCache: true, swaggerDocumentation: false }),
    ApiOkResponse({
      description: 'All is well',
      content: {
        'application/json': {
          schema: reply(['ok']),
          example: { status: 'ok', info: up, error: {}, details: up },
        },
      },
    }),
    ApiServiceUnavailableResponse({
      description: 'Something is not, and `error` names it; or the process ends',
      content: {
        'application/json': {
          schema: reply(['error', 'shutting_down']),
          example: { status, info: {}, error: down, details: down },
        },
      },
    }),
  );
}

function reply(statuses: string[]): SchemaObject {
  return {
    type: 'object',
    required: ['status', 'info', 'error', 'details'],
    properties: {
      status: { type: 'string', enum: statuses },
      info: INDICATORS,
      error: INDICATORS,
      details: INDICATORS,
    },
  };
}
