import { applyDecorators } from '@nestjs/common';
import { ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import { ShownBy } from '../../docs/example-call.js';
import { RefusesBy } from '../../docs/problem-responses.js';
import { ModelParam, VersionQuery } from '../admin/documented-parameters.js';
import { QUALITY_SCHEMA } from './quality-schema.js';
import { qualityView } from './quality-view.js';

export const DocumentedQuality = (): MethodDecorator =>
  applyDecorators(
    ApiOperation({
      operationId: 'getQuality',
      summary: 'How right a version is, by the labels that have come: JSON, or a page for a browser',
      description: 'What was found ten seconds ago, or less, is told again.',
    }),
    ModelParam(),
    VersionQuery(),
    ApiOkResponse({
      description: 'The quality',
      content: {
        'application/json': { schema: QUALITY_SCHEMA },
        'text/html': { schema: { type: 'string' } },
      },
    }),
    RefusesBy(
      'bad_request',
      'model_not_found',
      'version_not_found',
      'version_refused',
      'model_not_ready',
      'version_not_ready',
      'state_unavailable',
    ),
    ShownBy(({ version: { manifest } }) => ({
      parameters: { version: manifest.version },
      answers: { 200: qualityView(manifest, null, null) },
    })),
  );
