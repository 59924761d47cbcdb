import { applyDecorators } from '@nestjs/common';
import { ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import { ShownBy } from '../../docs/example-call.js';
import { RefusesBy } from '../../docs/problem-responses.js';
import { ModelParam, VersionParam } from '../admin/documented-parameters.js';
import { EXAMPLE_JOB, EXAMPLE_VERSION, exampleReport, TIME } from './example-job.js';
import { KEPT_REPORT_SCHEMA } from './gate-schema.js';

export const DocumentedGate = (): MethodDecorator =>
  applyDecorators(
    ApiOperation({
      operationId: 'getGate',
      summary: 'What the gate found of a version beside the champion: JSON, or a page for a browser',
      description:
        'The report on the champion of now if there is one, else the newest. A version that was not trained here has none.',
    }),
    ModelParam(),
    VersionParam(),
    ApiOkResponse({
      description: 'The report',
      content: {
        'application/json': { schema: KEPT_REPORT_SCHEMA },
        'text/html': { schema: { type: 'string' } },
      },
    }),
    RefusesBy(
      'model_not_found',
      'version_not_found',
      'version_refused',
      'version_not_ready',
      'gate_not_found',
      'state_unavailable',
    ),
    ShownBy((shown) => {
      const { model, version } = shown.version.manifest;
      const report = exampleReport(shown, version, EXAMPLE_VERSION);
      return { answers: { 200: { model, job: EXAMPLE_JOB, ...report, created: TIME } } };
    }),
  );
