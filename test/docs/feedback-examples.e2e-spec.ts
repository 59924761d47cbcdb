import { Ajv2020 } from 'ajv/dist/2020.js';
import { EXAMPLE_PREDICTION } from '../../src/models/example.js';
import { createTestApp, type Answer } from '../support/create-app.js';
import { apart, exampleOf, readDocument, requestOf } from '../support/documented.js';

const app = await createTestApp();
const document = await readDocument(app);
const ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: true });

it('the examples of feedback are answered as documented, of a prediction that there is', async () => {
  const predict = document.paths['/models/diabetes/predict']!['post']!;
  const first = requestOf('/models/diabetes/predict', predict);
  const made = await app.send('POST', first.url, first.payload, first.headers);
  const { prediction_id: id } = made.body as { prediction_id: string };
  const call = async (method: string, path: string): Promise<Answer> => {
    const { url, headers, payload } = requestOf(path, document.paths[path]![method]!);
    const own = (text: string): string => text.replaceAll(EXAMPLE_PREDICTION, id);
    return app.send(method.toUpperCase(), own(url), payload && own(payload), headers);
  };
  const media = (method: string, path: string, type = 'application/json') =>
    document.paths[path]![method]!.responses['200']!.content![type]!;

  const given = await call('post', '/feedback');
  expect(given.body).toEqual(exampleOf(media('post', '/feedback')));
  const found = await call('get', '/predictions/{id}');
  const example = exampleOf(media('get', '/predictions/{id}')) as Record<string, unknown>;
  // Of no two records the same.
  const { duration_us, seq, salt, previous } = example;
  expect(apart({ ...(found.body as object), duration_us, seq, salt, previous })).toEqual(apart(example));
  const rows = await call('get', '/models/{model}/labelled');
  expect(rows.headers['content-type']).toBe('application/x-ndjson; charset=utf-8');
  for (const [schema, body] of [
    [media('post', '/feedback').schema, given.body],
    [media('get', '/predictions/{id}').schema, found.body],
    [media('get', '/models/{model}/labelled', 'application/x-ndjson').schema, JSON.parse(rows.text)],
  ] as const)
    expect(ajv.validate(schema!, body), ajv.errorsText()).toBe(true);
});
