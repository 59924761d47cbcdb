import { Ajv2020 } from 'ajv/dist/2020.js';
import { createTestApp } from '../support/create-app.js';

interface Media {
  readonly schema?: object;
  readonly example?: unknown;
  readonly examples?: Readonly<Record<string, { readonly value: unknown }>>;
}
interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required?: boolean;
  readonly example?: unknown;
  readonly schema?: { readonly example?: unknown; readonly default?: unknown; readonly examples?: unknown[] };
}
interface Operation {
  readonly operationId: string;
  readonly tags?: readonly string[];
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Readonly<Record<string, Media>> };
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, Media>> }>>;
}

const app = await createTestApp();
const document = (await app.get('/openapi.json')).body as {
  paths: Record<string, Record<string, Operation>>;
  components: object;
};
/** Changes of models: publish, delete, set and remove an alias, roll back. */
const CHANGES = 5;
const ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: true });
ajv.addSchema({ ...document, $id: 'openapi' });

/** Changes of models are called by test/versions/, each where it may succeed. */
const isChange = (method: string, { tags = [] }: Operation): boolean =>
  method !== 'get' && tags.includes('versions');

/** Every operation with every example of its body; one without a body is called once. */
const calls = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).flatMap(([method, operation]) =>
    (isChange(method, operation) ? [] : bodiesOf(operation)).map((body, index) => ({
      path,
      method: method.toUpperCase(),
      operation,
      index,
      ...body,
    })),
  ),
);

function bodiesOf({ requestBody }: Operation): { type?: string; value?: unknown }[] {
  if (requestBody === undefined) return [{}];
  return Object.entries(requestBody.content).flatMap(([type, { example, examples = {} }]) =>
    [...(example === undefined ? [] : [example]), ...Object.values(examples).map(({ value }) => value)].map(
      (value) => ({
        type,
        value,
      }),
    ),
  );
}

function urlOf(path: string, parameters: readonly Parameter[] = []): string {
  const url = new URL(path, 'http://nestor');
  let pathname = path;
  for (const { name, in: place, example, schema, required } of parameters) {
    const value = example ?? schema?.example ?? schema?.examples?.[0] ?? schema?.default;
    if (place === 'header' || (value === undefined && !required)) continue;
    expect(value, `an example for the parameter ${name}`).toBeDefined();
    if (place === 'path') pathname = pathname.replace(`{${name}}`, encodeURIComponent(String(value)));
    else for (const each of [value].flat()) url.searchParams.append(name, String(each));
  }
  return pathname + url.search;
}

/** References of the document, as those of the schema that Ajv knows under the name `openapi`. */
const rooted = (schema: object): object =>
  JSON.parse(JSON.stringify(schema).replaceAll('"$ref":"#/', '"$ref":"openapi#/')) as object;

describe('every example of the documentation', () => {
  it.each(calls)('$method $path, example $index, is answered as documented', async (call) => {
    const { path, method, operation, type, value } = call;
    const payload = typeof value === 'string' ? value : JSON.stringify(value);
    const reply = await app.send(method, urlOf(path, operation.parameters), payload, {
      ...(type !== undefined && { 'content-type': type }),
    });

    expect(reply.status, reply.text.slice(0, 300)).toBe(200);
    const media = String(reply.headers['content-type']).split(';')[0]!;
    const documented = operation.responses['200']?.content?.[media];
    expect(documented, `a documented answer of type ${media}`).toBeDefined();
    if (documented?.schema === undefined || reply.body === undefined) return;
    const isValid = ajv.validate(rooted(documented.schema), reply.body);
    expect(isValid, ajv.errorsText()).toBe(true);
  });

  it('stands at every body and every operation has its own id', () => {
    const operations = Object.values(document.paths).flatMap((methods) => Object.values(methods));
    const withoutBody = operations.filter((operation) => bodiesOf(operation).length === 0);
    const ids = operations.map(({ operationId }) => operationId);

    // A tar is no example for a document.
    expect(withoutBody.map(({ operationId }) => operationId)).toEqual(['publishVersion']);
    expect(new Set(ids).size).toBe(ids.length);
    expect(new Set(calls.map(({ operation }) => operation)).size).toBe(operations.length - CHANGES);
  });
});
