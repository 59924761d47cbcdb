import { Ajv2020 } from 'ajv/dist/2020.js';
import { createTestApp } from '../support/create-app.js';
import { apart, exampleOf, type Operation, readDocument, requestOf } from '../support/documented.js';
import { withKeys } from '../support/keys.js';

// A key with a rate, so that every header that an answer may have is there.
const { settings, keys } = withKeys({ caller: { rate: 1_000_000 } });
const KEY = { 'x-api-key': keys.caller };
const app = await createTestApp(settings);
const document = await readDocument(app);
/** Their answers are files and figures of the moment, which no document repeats. */
const WITHOUT_EXAMPLE = ['getArtifact', 'getCard', 'getGuide', 'getMetrics', 'getPlot'];
const ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: true });
ajv.addSchema({ ...document, $id: 'openapi' });

/**
 * Those of models, trainings and feedback are called by change-examples, training-examples and feedback-examples.e2e-spec.ts, and
 * that of drift by watch/drift.e2e-spec.ts where rows were counted.
 */
const isChange = (method: string, { tags = [], operationId }: Operation): boolean =>
  (method !== 'get' && tags.includes('versions')) ||
  tags.includes('training') ||
  tags.includes('feedback') ||
  operationId.startsWith('deepaasTrain') ||
  operationId === 'deepaasCancel' ||
  operationId === 'getDrift' ||
  operationId === 'getHistory';

const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
);
const calls = operations.filter(({ method, operation }) => !isChange(method, operation));

/** References of the document, as those of the schema that Ajv knows under the name `openapi`. */
const rooted = (schema: object): object =>
  JSON.parse(JSON.stringify(schema).replaceAll('"$ref":"#/', '"$ref":"openapi#/')) as object;

describe('every example of the documentation', () => {
  it.each(calls)('$method $path is answered as documented, to the letter', async (call) => {
    const { path, method, operation } = call;
    const { url, headers, payload } = requestOf(path, operation);
    const reply = await app.send(method.toUpperCase(), url, payload, { ...headers, ...KEY });

    expect(reply.status, reply.text.slice(0, 300)).toBe(200);
    const media = String(reply.headers['content-type']).split(';')[0]!;
    const documented = operation.responses['200']?.content?.[media];
    expect(documented, `a documented answer of type ${media}`).toBeDefined();
    for (const name of Object.keys(operation.responses['200']?.headers ?? {})) {
      expect(Object.keys(reply.headers)).toContain(name.toLowerCase());
    }
    if (WITHOUT_EXAMPLE.includes(operation.operationId)) return;
    expect(apart(reply.body ?? reply.text)).toEqual(apart(exampleOf(documented)));
    if (reply.body === undefined) return;
    const isValid = ajv.validate(rooted(documented!.schema!), reply.body);
    expect(isValid, ajv.errorsText()).toBe(true);
  });

  it('of the index, which the same route answers without a query', async () => {
    const { responses } = document.paths['/']!['get']!;

    expect((await app.get('/', KEY)).body).toEqual(
      exampleOf(responses['200']?.content?.['application/json'], 'index'),
    );
  });

  it.each(['/', '/guides/{name}', '/models/{model}/versions/{version}/card'])(
    '%s is documented as the page that it is for a browser',
    async (path) => {
      const operation = document.paths[path]!['get']!;
      const { url } = requestOf(path, {
        ...operation,
        parameters: (operation.parameters ?? []).filter((each) => each.in === 'path'),
      });
      const { headers } = await app.get(url, { accept: 'text/html', ...KEY });

      expect(headers['content-type']).toBe('text/html; charset=utf-8');
      expect(Object.keys(operation.responses['200']!.content!)).toContain('text/html');
    },
  );

  it('records and counts nothing by being made', async () => {
    const untouched = await createTestApp();
    const before = (await untouched.get('/metrics')).text.match(/^nestor_predictions_total.*$/gm);
    await untouched.get('/openapi.json');

    expect((await untouched.get('/metrics')).text.match(/^nestor_predictions_total.*$/gm)).toEqual(before);
    expect(untouched.records()).toEqual([]);
  });

  it('has an operation with an id of its own', () => {
    const ids = operations.map(({ operation }) => operation.operationId);

    expect(ids.length).toBeGreaterThan(40);
    expect(new Set(ids).size).toBe(ids.length);
  });
});
