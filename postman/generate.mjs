// Writes nestor.postman_collection.json and an environment per stage from the OpenAPI document and scenarios.mjs.
//   npm run postman                          from openapi.json, made anew before
//   node postman/generate.mjs URL|FILE       from another document, e.g. http://localhost:3000/openapi.json
//   node postman/generate.mjs --check …      writes nothing; fails where a file is not what would be written
// The same document gives the same bytes: ids are made of names, examples of schemas.
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { scenarios } from './scenarios.mjs';

const arguments_ = process.argv.slice(2);
const check = arguments_.includes('--check');
const source =
  arguments_.find((argument) => argument !== '--check') ?? new URL('../openapi.json', import.meta.url);
const text = /^https?:/.test(source) ? await (await fetch(source)).text() : readFileSync(source, 'utf8');
const api = JSON.parse(text);

/** The schema with its references put in and what only a reader needs left out. */
function plain(schema) {
  if (Array.isArray(schema)) return schema.map(plain);
  if (schema === null || typeof schema !== 'object') return schema;
  if (schema.$ref)
    return plain(
      schema.$ref
        .split('/')
        .slice(1)
        .reduce((at, key) => at[key], api),
    );
  const kept = Object.entries(schema).filter(([key]) => !/^(description|examples?|format|x-.*)$/.test(key));
  return Object.fromEntries(
    kept.map(([key, value]) => [key, key === 'properties' ? eachOf(value, plain) : plain(value)]),
  );
}

const eachOf = (object, change) =>
  Object.fromEntries(Object.entries(object).map(([key, value]) => [key, change(value)]));

/** A value that the schema allows, for the examples beside a request. */
function sample(schema) {
  if (schema.const !== undefined) return schema.const;
  if (schema.enum) return schema.enum[0];
  if (schema.anyOf ?? schema.oneOf) return sample((schema.anyOf ?? schema.oneOf)[0]);
  switch ([schema.type].flat()[0]) {
    case 'object': {
      const required = new Set(schema.required ?? []);
      const entries = Object.entries(schema.properties ?? {}).filter(([key]) => required.has(key));
      return Object.fromEntries(entries.map(([key, value]) => [key, sample(value)]));
    }
    case 'array':
      return [sample(schema.items)];
    case 'number':
      return schema.maximum === undefined ? 0 : (schema.minimum + schema.maximum) / 2;
    case 'integer':
      return schema.minimum ?? 0;
    case 'boolean':
      return true;
    case 'null':
      return null;
    default:
      return 'text';
  }
}

const id = (...names) =>
  createHash('sha256')
    .update(names.join('\n'))
    .digest('hex')
    .slice(0, 32)
    .replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');

/** One request of the collection. `tests` are lines of its test script. */
export function request(name, method, path, { headers = {}, body, tests, examples = [], description }) {
  const [route, query] = path.split('?');
  const made = {
    method,
    header: Object.entries(headers).map(([key, value]) => ({ key, value })),
    url: {
      raw: `{{baseUrl}}${path}`,
      host: ['{{baseUrl}}'],
      path: route.split('/').slice(1),
      ...(query && {
        query: query.split('&').map((pair) => ({ key: pair.split('=')[0], value: pair.split('=')[1] })),
      }),
    },
    ...(body !== undefined && {
      body: { mode: 'raw', raw: typeof body === 'string' ? body : JSON.stringify(body, null, 2) },
    }),
    ...(description && { description }),
  };
  return {
    id: id(method, path, name),
    name,
    event: [{ listen: 'test', script: { type: 'text/javascript', exec: tests } }],
    request: made,
    response: examples.map((example) => ({ originalRequest: made, header: [], ...example })),
  };
}

const JSON_HEADER = { 'content-type': 'application/json' };
const PROBLEM = plain({ $ref: '#/components/schemas/Problem' });
const problemTests = (status, code) => [
  `pm.test('${status} ${code}', () => {`,
  `  pm.response.to.have.status(${status});`,
  `  pm.expect(pm.response.headers.get('content-type')).to.include('application/problem+json');`,
  `  pm.response.to.have.jsonSchema(${JSON.stringify(PROBLEM)});`,
  `  pm.expect(pm.response.json()).to.include({ status: ${status}, code: '${code}' });`,
  `  pm.expect(pm.response.json().request_id).to.equal(pm.response.headers.get('x-request-id'));`,
  `});`,
];
const problemExample = (status, code) => ({
  name: `${status} ${code}`,
  status: code,
  code: status,
  _postman_previewlanguage: 'json',
  body: JSON.stringify({ ...sample(PROBLEM), type: `urn:nestor:problem:${code}`, status, code }, null, 2),
});

const problem = (name, method, path, status, code, { headers, body, more = [] } = {}) =>
  request(name, method, path, {
    headers,
    body,
    tests: [...problemTests(status, code), ...more],
    examples: [problemExample(status, code)],
  });

/** A path with its parameters filled in; `others` are those that the examples have differently. */
function filled(path, others = {}) {
  const values = { model: 'turnover', version: '1', name: 'roc.svg', ...others };
  return path.replaceAll(/{(\w+)}/g, (_, name) => values[name]);
}

/** What stands in the path of an example, whose body is that model's. */
const examplesOf = (parameters) =>
  Object.fromEntries(
    parameters.filter((each) => each.in === 'path').map((each) => [each.name, each.example]),
  );

/** The good call of an operation, and the calls that must fail. */
function operation(path, method, others, { summary, description, requestBody, responses, parameters = [] }) {
  const verb = method.toUpperCase();
  const known = filled(path, path.startsWith('/v2/') ? examplesOf(parameters) : {});
  const query = parameters
    .filter(
      ({ in: where, required, schema, example = schema?.example }) =>
        where === 'query' && (required || example !== undefined),
    )
    .flatMap(({ name, schema, example = schema.example }) =>
      [example].flat().map((value) => `${name}=${encodeURIComponent(value)}`),
    )
    .join('&');
  const good = query ? `${known}?${query}` : known;
  const wrong = ['DELETE', 'PUT', 'PATCH'].find((candidate) => !others.includes(candidate.toLowerCase()));
  const content = requestBody?.content['application/json'];
  const body = content && (content.example ?? Object.values(content.examples)[0].value);
  const [type, { schema }] = Object.entries(responses['200'].content)[0];
  const shape = plain(schema);
  const items = [
    request(summary ?? path, verb, good, {
      description,
      headers: content ? JSON_HEADER : {},
      body,
      tests: [
        `pm.test('200 as documented', () => {`,
        `  pm.response.to.have.status(200);`,
        `  pm.expect(pm.response.headers.get('content-type')).to.include('${type}');`,
        `  pm.expect(pm.response.headers.get('x-request-id')).to.match(/^[A-Za-z0-9._-]{1,128}$/);`,
        ...(type === 'application/json'
          ? [`  pm.response.to.have.jsonSchema(${JSON.stringify(shape)});`]
          : []),
        `});`,
      ],
      examples: [
        {
          name: '200',
          status: 'OK',
          code: 200,
          _postman_previewlanguage: type === 'application/json' ? 'json' : 'text',
          body: type === 'application/json' ? JSON.stringify(sample(shape), null, 2) : '',
        },
      ],
    }),
    problem(`${path}: another method`, wrong, known, 405, 'method_not_allowed', {
      more: [
        `pm.test('says which', () => pm.expect(pm.response.headers.get('allow')).to.include('${verb}'));`,
      ],
    }),
  ];
  if (content) {
    const json = { headers: JSON_HEADER };
    items.push(
      ...(plain(content.schema).required?.length
        ? [problem(`${path}: nothing given`, verb, good, 400, 'invalid_input', { ...json, body: {} })]
        : []), // every field may be left out
      ...(responses['400']?.content['application/problem+json'].examples?.body_not_json
        ? [problem(`${path}: not JSON`, verb, good, 400, 'body_not_json', { ...json, body: '{"' })]
        : []), // DEEPaaS has words of its own for it
      problem(`${path}: another media type`, verb, good, 415, 'unsupported_media_type', {
        headers: { 'content-type': 'text/plain' },
        body: JSON.stringify(body),
      }),
    );
  }
  if (parameters.some(({ name }) => name === 'model')) {
    items.push(
      problem(`${path}: no such model`, verb, filled(path, { model: 'nobody' }), 404, 'model_not_found'),
    );
  }
  if (parameters.some(({ name }) => name === 'version')) {
    const other = path.includes('{version}') ? filled(path, { version: '999' }) : `${known}?version=999`;
    items.push(
      problem(`${path}: no such version`, verb, other, 404, 'version_not_found', {
        headers: JSON_HEADER,
        body,
      }),
    );
  }
  return items;
}

const folders = new Map();
for (const [path, methods] of Object.entries(api.paths)) {
  for (const [method, definition] of Object.entries(methods)) {
    const folder = definition.tags?.[0] ?? 'other';
    // What changes the models needs an archive, or leaves others behind than the collection began with.
    if (folder === 'versions' && method !== 'get') continue;
    // One call after another: a scenario makes them.
    if (['training', 'feedback'].includes(folder) || path.startsWith('/v2/models/{name}/train/')) continue;
    // Pages for people, which production does not have: a scenario asks for one.
    if (path.startsWith('/guides/')) continue;
    folders.set(folder, [
      ...(folders.get(folder) ?? []),
      ...operation(path, method, Object.keys(methods), definition),
    ]);
  }
}

const collection = {
  info: {
    _postman_id: id('nestor'),
    name: 'Nestor',
    description:
      'Every route with an example, its good reply and its errors, made from the OpenAPI document; then scenarios that several calls make together. Choose an environment: it holds the address and, where the server asks for one, your key.',
    schema: 'https://schema.getpostman.com/json/collection/v2.1.0/collection.json',
  },
  auth: { type: 'bearer', bearer: [{ key: 'token', value: '{{key}}', type: 'string' }] },
  item: [
    ...[...folders].map(([name, item]) => ({ id: id(name), name, item })),
    ...scenarios({ request, problem }).map(({ name, item }) => ({ id: id('scenario', name), name, item })),
  ],
};

const environment = (stage, baseUrl) => ({
  id: id('environment', stage),
  name: `Nestor ${stage}`,
  values: [
    { key: 'baseUrl', value: baseUrl, type: 'default', enabled: true },
    { key: 'stage', value: stage, type: 'default', enabled: true },
    // Yours, which is not shared with the collection: `nestor key create` prints it. Empty: no key is sent.
    { key: 'key', value: '', type: 'secret', enabled: true },
  ],
  _postman_variable_scope: 'environment',
});

const files = {
  'nestor.postman_collection.json': collection,
  'development.postman_environment.json': environment('development', 'http://localhost:3000'),
  'test.postman_environment.json': environment('test', 'https://nestor-test.example.com'),
  'acceptance.postman_environment.json': environment('acceptance', 'http://localhost:3000'),
  'production.postman_environment.json': environment('production', 'https://nestor.example.com'),
};
for (const [name, content] of Object.entries(files)) {
  const file = new URL(name, import.meta.url);
  const made = `${JSON.stringify(content, null, 2)}\n`;
  if (!check) writeFileSync(file, made);
  else if (readFileSync(file, 'utf8') !== made) {
    console.error(`postman/${name} is not what the OpenAPI document gives: npm run postman`);
    process.exitCode = 1;
  }
}
