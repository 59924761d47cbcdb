import { applyDecorators } from '@nestjs/common';
import { ApiHeader, ApiNotModifiedResponse, ApiOkResponse, ApiOperation, ApiParam } from '@nestjs/swagger';
import { PLOT } from '../../artifacts/documents.js';
import { ShownBy } from '../../docs/example-call.js';
import { RefusesBy } from '../../docs/problem-responses.js';
import { LeaseHeader, ModelParam, VersionParam } from './documented-parameters.js';

const text = { type: 'string' };

/** What any file of a version may be refused for. */
const OF_VERSION = ['model_not_found', 'version_not_found', 'version_refused', 'version_not_ready'] as const;

export const DocumentedArtifact = (): MethodDecorator =>
  applyDecorators(
    ApiOperation({
      operationId: 'getArtifact',
      summary: 'A version as a tar: the same bytes each time, from every server',
    }),
    ModelParam(),
    VersionParam(),
    LeaseHeader(),
    ApiHeader({ name: 'If-None-Match', required: false, description: 'An ETag that you have', schema: text }),
    ApiOkResponse({
      description: 'The files of the version',
      content: { 'application/x-tar': { schema: { ...text, format: 'binary' } } },
      headers: { ETag: { description: 'Digest of all its files', schema: text } },
    }),
    RefusesBy('forbidden', 'lease_lost', 'state_unavailable', ...OF_VERSION),
    ApiNotModifiedResponse({ description: 'You have these files' }),
  );

export const DocumentedCard = (): MethodDecorator =>
  applyDecorators(
    ApiOperation({
      operationId: 'getCard',
      summary: 'The model card of a version: Markdown, or a page for a browser',
    }),
    ModelParam(),
    VersionParam(),
    RefusesBy(...OF_VERSION, 'file_not_found'),
    ApiOkResponse({
      description: 'What it is for, from what data, how good, and where it ends',
      content: { 'text/markdown': { schema: text }, 'text/html': { schema: text } },
    }),
  );

export const DocumentedPlot = (): MethodDecorator =>
  applyDecorators(
    ApiOperation({ operationId: 'getPlot', summary: 'A picture of the model card' }),
    ModelParam(),
    VersionParam(),
    ApiParam({
      name: 'name',
      description: 'Name of a file in plots/',
      schema: { ...text, pattern: PLOT.source },
    }),
    RefusesBy(...OF_VERSION, 'file_not_found'),
    ApiOkResponse({
      description: 'The picture',
      content: { 'image/svg+xml': { schema: text } },
    }),
    ShownBy(() => ({ parameters: { name: 'roc.svg' }, answers: {} })),
  );
