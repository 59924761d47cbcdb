import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { VERSION } from '../config/version.js';
import { ModelRegistry } from '../models/model-registry.js';
import { type Shown } from './example-call.js';
import { fillExamples } from './fill-examples.js';
import { modelPaths } from './model-paths.js';
import { COMMON_SCHEMAS, PROBLEM_RESPONSE } from './schemas.js';

const DESCRIPTION = `Predictions from trained models: typed, recorded, measured.

Every model has the same typed routes; some also answer the call of an API that they have taken over. A reply leaves
after its record is in the prediction log, and \`prediction_id\` names that record. Errors are problem details
(RFC 9457): \`errors\` names each field by a JSON pointer and says how to mend it.`;

/** Gives the document as the models stand; made anew when one of them has changed. */
export function followingDocument(app: INestApplication): () => OpenAPIObject {
  const registry = app.get(ModelRegistry);
  let madeAt = -1;
  let document: OpenAPIObject;
  return () => {
    if (madeAt !== registry.changes) {
      madeAt = registry.changes;
      document = openApiDocument(app);
    }
    return document;
  };
}

/** The OpenAPI 3.1 document: the routes of the controllers, and the typed routes of every model that answers. */
export function openApiDocument(app: INestApplication): OpenAPIObject {
  const models = app.get(ModelRegistry).usable();
  const builder = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('Nestor')
    .setDescription(DESCRIPTION)
    .setVersion(VERSION)
    .setLicense('MIT', 'https://opensource.org/license/mit')
    // Beside this document, wherever a proxy has put it.
    .addServer('.')
    .addTag('models', 'What is served')
    .addTag('versions', 'Versions come, go and become champion');
  for (const { manifest } of models) builder.addTag(manifest.model, manifest.description);
  builder.addTag('operation', 'Health and metrics');
  const document = SwaggerModule.createDocument(app, builder.build(), {
    operationIdFactory: (controller, method) => `${controller.replace('Controller', '')}_${method}`,
  });
  delete document.info.contact; // Empty, as nobody was named.
  document.paths = Object.fromEntries(
    Object.entries(document.paths).map(([path, item]) => [path.replace(/\/\/$/, '/'), item]),
  );
  const [version] = models;
  const shown: Shown | undefined = version && { version, find: (type) => app.get(type, { strict: false }) };
  for (const path of Object.values(document.paths)) {
    for (const method of ['get', 'post', 'put', 'delete'] as const) {
      const operation = path[method];
      if (operation === undefined) continue;
      if (!fillExamples(operation, shown)) {
        delete path[method];
        continue;
      }
      operation.responses['default'] ??= PROBLEM_RESPONSE;
      // A handler of two paths is numbered by the scanner: predict[0], predict[1].
      operation.operationId = (operation.operationId ?? '')
        .replace(/\[0\]$/, '')
        .replace(/\[(\d+)\]$/, '_$1');
    }
  }
  Object.assign(document.paths, ...models.map(modelPaths));
  document.components = {
    ...document.components,
    schemas: { ...document.components?.schemas, ...COMMON_SCHEMAS },
  };
  for (const { manifest, check } of models) {
    document.components.schemas![`${manifest.model}.Input`] = check.schema as object;
  }
  return document;
}
