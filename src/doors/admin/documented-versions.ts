import { applyDecorators } from '@nestjs/common';
import {
  ApiBody,
  ApiConsumes,
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
} from '@nestjs/swagger';
import { type Shown, ShownBy } from '../../docs/example-call.js';
import { VersionRefused } from '../../errors/errors.js';
import { SEND_TAR } from '../../http/archive-body.js';
import { unknownMediaType } from '../../http/content-headers.js';
import { ModelRegistry } from '../../models/model-registry.js';
import { type VersionDetails, versionDetails } from './model-view.js';
import { STRAY } from '../../docs/problem-examples.js';
import { RefusesBy } from '../../docs/problem-responses.js';
import { IfMatch, LeaseHeader, ModelParam, VersionParam } from './documented-parameters.js';
import { VERSION_DETAILS_SCHEMA } from './model-view.schema.js';

function publishedAs({ find, version: { manifest } }: Shown): VersionDetails {
  const { model, version } = manifest;
  return versionDetails(model, find(ModelRegistry).versionState(model, version));
}

export const DocumentedPublish = (): MethodDecorator =>
  applyDecorators(
    ApiOperation({
      operationId: 'publishVersion',
      summary: 'Bring a version: the tar of its folder',
      description:
        'Its number is that of its manifest. It is checked, replayed and ready when the answer comes. The first version of a model becomes its champion.',
    }),
    ModelParam(),
    LeaseHeader(),
    ApiConsumes('application/x-tar', 'application/gzip'),
    ApiBody({
      description: 'A tar, also gzipped, of the files of a version folder, or of the folder itself',
      schema: { type: 'string', format: 'binary' },
    }),
    ApiCreatedResponse({
      description: 'It is there and ready',
      schema: VERSION_DETAILS_SCHEMA,
      headers: { Location: { description: 'Where the version stands', schema: { type: 'string' } } },
    }),
    ApiOkResponse({
      description: 'The same files were there already',
      schema: VERSION_DETAILS_SCHEMA,
    }),
    RefusesBy(
      'bad_request',
      'forbidden',
      'request_timeout',
      'version_taken',
      'lease_lost',
      'job_has_version',
      'read_only_models',
      'archive_too_large',
      'unsupported_media_type',
      'invalid_archive',
      'version_refused',
      'uploads_busy',
      'version_not_ready',
      'aliases_busy',
      'no_space',
      'state_unavailable',
    ),
    ShownBy((shown) => ({
      answers: { 200: publishedAs(shown), 201: publishedAs(shown) },
      refuses: () => {
        throw unknownMediaType({ 'content-type': 'text/plain' }, SEND_TAR);
      },
      refusals: [new VersionRefused('the archive', STRAY)],
    })),
  );

export const DocumentedVersion = (): MethodDecorator =>
  applyDecorators(
    ApiOperation({ operationId: 'getVersion', summary: 'A version: its state and its manifest' }),
    ModelParam(),
    VersionParam(),
    ApiOkResponse({ description: 'The version', schema: VERSION_DETAILS_SCHEMA }),
    RefusesBy('model_not_found', 'version_not_found'),
    ShownBy((shown) => ({ answers: { 200: { ...publishedAs(shown), manifest: shown.version.manifest } } })),
  );

export const DocumentedDelete = (): MethodDecorator =>
  applyDecorators(
    ApiOperation({
      operationId: 'deleteVersion',
      summary: 'Delete a version for good; its number stays taken',
    }),
    ModelParam(),
    VersionParam(),
    IfMatch(false),
    ApiNoContentResponse({ description: 'It is gone' }),
    RefusesBy(
      'bad_request',
      'forbidden',
      'model_not_found',
      'version_not_found',
      'version_in_use',
      'read_only_models',
      'revision_mismatch',
      'aliases_busy',
      'no_space',
    ),
  );
