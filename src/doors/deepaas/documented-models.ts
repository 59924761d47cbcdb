import { applyDecorators } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiParam } from '@nestjs/swagger';
import { type Shown, ShownBy } from '../../docs/example-call.js';
import { RefusesBy } from '../../docs/problem-responses.js';
import { ModelRegistry } from '../../models/model-registry.js';
import { type ModelMeta, modelMeta } from './deepaas-models.js';
import { namesOf } from './published-names.js';
import { API_VERSION } from './versions.js';

const text = { type: 'string' };
const links = (...properties: readonly string[]): object => ({
  type: 'array',
  items: {
    type: 'object',
    required: properties,
    properties: Object.fromEntries(properties.map((name) => [name, text])),
  },
});

const META_SCHEMA = {
  type: 'object',
  required: ['id', 'name', 'description', 'summary', 'links'],
  properties: {
    id: text,
    name: text,
    description: text,
    summary: { ...text, description: 'The description in a line' },
    author: text,
    license: text,
    version: { ...text, description: 'The version that answers' },
    links: links('rel', 'href'),
  },
};

/** More are no example. */
const SHOWN = 10;

/** The model that a path of the DEEPaaS API names. */
export const NameParam = (): MethodDecorator =>
  ApiParam({ name: 'name', description: 'A name that GET /v2/models/ lists' });

const nameShown = ({ version: { manifest } }: Shown): { name: string } => ({ name: manifest.model });

export const DocumentedVersion = (): MethodDecorator =>
  applyDecorators(
    ApiOperation({ operationId: 'deepaasVersion', summary: 'The version of the DEEPaaS API' }),
    ApiOkResponse({
      description: 'V2',
      schema: {
        type: 'object',
        required: ['version', 'id', 'links'],
        properties: { version: text, id: text, links: links('rel', 'type', 'href') },
      },
    }),
    RefusesBy(),
    ShownBy(() => ({ answers: { 200: API_VERSION } })),
  );

export const DocumentedModels = (): MethodDecorator =>
  applyDecorators(
    ApiOperation({
      operationId: 'deepaasModels',
      summary: 'Every model by its names, with those that a runner could train',
    }),
    ApiOkResponse({
      description: 'What DEEPaaS says of a model',
      schema: {
        type: 'object',
        required: ['models'],
        properties: { models: { type: 'array', items: META_SCHEMA } },
      },
    }),
    RefusesBy(),
    ShownBy(({ find }) => {
      const models = find(ModelRegistry)
        .all()
        .flatMap(({ name: model, champion }) =>
          namesOf(model).map((name) => modelMeta({ name, champion, trainedBy: undefined })),
        );
      return { answers: { 200: { models: models.slice(0, SHOWN) } } };
    }),
  );

export const DocumentedMeta = (): MethodDecorator =>
  applyDecorators(
    ApiOperation({ operationId: 'deepaasModel', summary: 'What one model is' }),
    NameParam(),
    ApiOkResponse({ description: 'What DEEPaaS says of it', schema: META_SCHEMA }),
    RefusesBy('model_not_found'),
    ShownBy((shown) => ({
      parameters: nameShown(shown),
      answers: { 200: metaOf(shown) },
    })),
  );

const metaOf = ({ version }: Shown): ModelMeta =>
  modelMeta({ name: version.manifest.model, champion: version, trainedBy: undefined });
