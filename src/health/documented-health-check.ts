import { applyDecorators } from '@nestjs/common';
import { ApiOkResponse, ApiServiceUnavailableResponse } from '@nestjs/swagger';
import { HealthCheck } from '@nestjs/terminus';
import { type Shown, ShownBy } from '../docs/example-call.js';
import { Needs } from '../access/scope.js';
import type { SchemaObject } from '../docs/openapi-types.js';

/** What is asked, by its name. */
export type Indicators = Readonly<
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

/** Of both answers. */
const QUIET =
  '. Where callers need keys, only one of scope `metrics` or `admin` is told more than `status`: the rest is empty';

/**
 * Terminus's `HealthCheck`, documented by what this server answers: its own examples are of one with a database.
 * `asked` gives what is asked when all is well and when it is not; a route that asks nothing fails only while the
 * process ends.
 */
export function DocumentedHealthCheck(
  asked: (shown: Shown) => { readonly up: Indicators; readonly down: Indicators },
): MethodDecorator {
  return applyDecorators(
    Needs('nothing', { kind: 'health' }),
    HealthCheck({ noCache: true, swaggerDocumentation: false }),
    ApiOkResponse({
      description: `All is well${QUIET}`,
      content: { 'application/json': { schema: reply(['ok']) } },
    }),
    ApiServiceUnavailableResponse({
      description: `Something is not, and \`error\` names it; or the process ends${QUIET}`,
      content: { 'application/json': { schema: reply(['error', 'shutting_down']) } },
    }),
    ShownBy((shown) => {
      const { up, down } = asked(shown);
      return { answers: { 200: resultOf('ok', up), 503: resultOf('error', down) } };
    }),
  );
}

/** As terminus puts it together. */
function resultOf(status: string, asked: Indicators): object {
  const all = Object.entries(asked);
  return {
    status,
    info: Object.fromEntries(all.filter(([, each]) => each.status === 'up')),
    error: Object.fromEntries(all.filter(([, each]) => each.status === 'down')),
    details: asked,
  };
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
