import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { AppConfig } from '../config/app-config.js';
import { VERSION } from '../config/version.js';
import { ModelRegistry } from '../models/model-registry.js';
import type { ModelVersion } from '../models/model-version.js';
import { type Shown } from './example-call.js';
import { fillExamples } from './fill-examples.js';
import { guidePaths } from './guides.js';
import { modelPaths } from './model-paths.js';
import { problemExamples } from './problem-examples.js';
import type { Manifest } from '../artifacts/manifest.js';
import type { Problem } from '../http/problems.js';
import type { OperationObject } from './openapi-types.js';
import { addIds, addRate, addTimeout, COMMON_COMPONENTS, COMMON_SCHEMAS } from './schemas.js';
import { addSecurity, SECURITY_SCHEMES } from './security.js';
import { shownInput } from './shown-input.js';
import { TAKEN_OVER } from './tags.js';

type PathItem = OpenAPIObject['paths'][string];
const METHODS = ['get', 'post', 'put', 'delete'] as const;

const DESCRIPTION = `Predictions from trained models: typed, recorded, measured.

Which route? One row: \`POST /models/<model>/predict\`; many rows: \`POST /v1/models/<model>:predict\`; a version by its
number: the same with \`/versions/<version>\` after the model. The routes under *taken-over* are for clients that called those APIs before.

Every model has the same typed routes. A reply leaves
after its record is in the prediction log, and \`prediction_id\` names that record. Errors are problem details
(RFC 9457): \`errors\` names each field by a JSON pointer and says how to mend it.`;

/** The OpenAPI 3.1 document: the routes of the controllers, and the typed routes of every model that answers. */
export function openApiDocument(app: INestApplication): OpenAPIObject {
  const models = app.get(ModelRegistry).usable();
  const { maxBodyBytes, auth } = app.get(AppConfig);
  const document = SwaggerModule.createDocument(app, frame(models), {
    operationIdFactory: (controller, method) => `${controller.replace('Controller', '')}_${method}`,
  });
  delete document.info.contact; // Empty, as nobody was named.
  const [version] = models;
  const shown: Shown | undefined = version && {
    version,
    maxBodyBytes,
    find: (type) => app.get(type, { strict: false }),
  };
  const ofControllers = Object.entries(document.paths).flatMap(([path, item]) =>
    isShown(item, shown) ? [[path.replace(/\/\/$/, '/'), item] as const] : [],
  );
  document.paths = inOrder(document, [
    ...models.flatMap((each) => Object.entries(modelPaths(each, maxBodyBytes))),
    ...ofControllers,
    ...Object.entries(guidePaths()),
  ]);
  const used = new Set(operationsOf(document).flatMap(({ tags = [] }) => tags));
  document.tags = document.tags?.filter(({ name }) => used.has(name)) ?? [];
  for (const operation of operationsOf(document)) {
    addSecurity(operation, auth === 'required');
    addRate(operation);
    addIds(operation);
    addTimeout(operation);
  }
  document.components = {
    ...COMMON_COMPONENTS,
    ...(version && { examples: examplesOf(version.manifest) }),
    schemas: { ...document.components?.schemas, ...COMMON_SCHEMAS },
    securitySchemes: SECURITY_SCHEMES,
  };
  for (const { manifest, check } of models) {
    document.components.schemas![`${manifest.model}.Input`] = shownInput(
      check.schema,
      manifest.inputs,
      check.hidden,
    );
  }
  return document;
}

function examplesOf({ model, version }: Manifest): Record<string, { summary: string; value: Problem }> {
  const problems = Object.entries(problemExamples(model, version));
  return Object.fromEntries(problems.map(([code, value]) => [code, { summary: value.title, value }]));
}

/** Everything but paths: the groups in the order in which the pages show them. */
function frame(models: readonly ModelVersion[]): Omit<OpenAPIObject, 'paths'> {
  const builder = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('Nestor')
    .setDescription(DESCRIPTION)
    .setVersion(VERSION)
    .setLicense('MIT', 'https://opensource.org/license/mit')
    // Beside this document, wherever a proxy has put it.
    .addServer('.');
  for (const { manifest } of models) builder.addTag(manifest.model, manifest.description);
  builder.addTag('models', 'What is served').addTag('versions', 'Versions come, go and become champion');
  builder
    .addTag('training', 'Trainings are asked for, and runners do them')
    .addTag('feedback', 'Predictions are found again, and what turned out to be true comes back')
    .addTag('watching', 'How far what is asked has moved from the training, and how right the answers are')
    .addTag(
      'deepaas',
      'Every model as the DEEPaaS API V2 has it; /swagger.json describes its arguments one by one',
    );
  for (const { name, description } of Object.values(TAKEN_OVER)) builder.addTag(name, description);
  return builder.addTag('operation', 'Health, metrics and guides').build();
}

/** Fills in what is known now. @returns false: it asks a model that is not served. */
function isShown(item: PathItem, shown: Shown | undefined): boolean {
  return METHODS.every((method) => {
    const operation = item[method];
    if (operation === undefined) return true;
    // A handler of two paths is numbered by the scanner: predict[0], predict[1].
    operation.operationId = (operation.operationId ?? '').replace(/\[0\]$/, '').replace(/\[(\d+)\]$/, '_$1');
    return fillExamples(method.toUpperCase(), operation, shown);
  });
}

/** By the order of their groups. */
function inOrder(
  { tags = [] }: OpenAPIObject,
  paths: readonly (readonly [string, PathItem])[],
): OpenAPIObject['paths'] {
  const places = new Map(tags.map(({ name }, place) => [name, place]));
  const placeOf = (item: PathItem): number =>
    places.get(METHODS.map((method) => item[method]).find(Boolean)?.tags?.[0] ?? '') ?? -1;
  return Object.fromEntries(paths.toSorted(([, a], [, b]) => placeOf(a) - placeOf(b)));
}

const operationsOf = ({ paths }: OpenAPIObject): OperationObject[] =>
  Object.values(paths).flatMap((item) => METHODS.flatMap((method) => item[method] ?? []));
