import { applyDecorators } from '@nestjs/common';
import { ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import { ShownBy } from '../../docs/example-call.js';
import { RefusesBy } from '../../docs/problem-responses.js';
import { ModelParam, VersionQuery } from '../admin/documented-parameters.js';
import { DRIFT_SCHEMA } from './drift-schema.js';
import { exampleDrift } from './example-drift.js';

export const DocumentedDrift = (): MethodDecorator =>
  applyDecorators(
    ApiOperation({
      operationId: 'getDrift',
      summary:
        'How far what is asked has moved from the training, input by input: JSON, or a page for a browser',
      description:
        'From the rows that all servers of the same state database have answered, five seconds ago at the latest. Windows follow the clock in UTC; the last 25 short ones and the last 15 of 24 times that length are listed, the open ones too; of models with more than 40 inputs fewer.',
    }),
    ModelParam(),
    VersionQuery(),
    ApiOkResponse({
      description: 'The report',
      content: {
        'application/json': { schema: DRIFT_SCHEMA },
        'text/html': { schema: { type: 'string' } },
      },
    }),
    RefusesBy(
      'bad_request',
      'model_not_found',
      'version_not_found',
      'baseline_not_found',
      'version_refused',
      'model_not_ready',
      'version_not_ready',
      'state_unavailable',
    ),
    ShownBy((shown) => ({
      parameters: { version: shown.version.manifest.version },
      answers: { 200: exampleDrift(shown) },
    })),
  );
