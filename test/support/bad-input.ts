import { gzipSync } from 'node:zlib';

/** One field of a model as its OpenAPI schema describes it. */
interface Field {
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly maxLength?: number;
  readonly examples: readonly unknown[];
}

export interface ModelSchema {
  readonly required: readonly string[];
  readonly properties: Readonly<Record<string, Field>>;
}

/** A body that must be refused, and what the refusal must say. */
export interface BadInput {
  readonly name: string;
  readonly body: string | Buffer;
  readonly headers?: Readonly<Record<string, string>>;
  readonly status?: number;
  readonly code?: string;
  /** JSON pointer that must stand among the faults. */
  readonly pointer?: string;
  readonly detail?: RegExp;
}

const tooLarge = { status: 413, code: 'body_too_large' };

const escape = (name: string): string => name.replaceAll('~', '~0').replaceAll('/', '~1');
const nested = (levels: number, open: string, inner: string, close: string): string =>
  open.repeat(levels) + inner + close.repeat(levels);

/** The row that the documentation shows. */
export function exampleRow({ properties }: ModelSchema): Record<string, unknown> {
  return Object.fromEntries(Object.entries(properties).map(([name, { examples }]) => [name, examples[0]]));
}

/** Bodies for the route of one row; `prefix` is put before each pointer, `wrap` around each row. */
export function badRows(
  schema: ModelSchema,
  prefix = '',
  wrap: (row: string) => string = (row) => row,
): BadInput[] {
  const row = exampleRow(schema);
  const text = JSON.stringify(row);
  const withRaw = (field: string, raw: string): string => {
    const entries = Object.entries(row).map(([name, value]) => [
      name,
      name === field ? raw : JSON.stringify(value),
    ]);
    return `{${entries.map(([name, value]) => `${JSON.stringify(name)}:${value}`).join(',')}}`;
  };
  const fields = Object.entries(schema.properties).flatMap(([name, field]) =>
    [
      ...(schema.required.includes(name) ? [missing(row, name)] : []),
      ...badValues(field).map((raw) => ({ name: `${name}: ${shown(raw)}`, body: withRaw(name, raw) })),
    ].map((bad) => ({ ...bad, pointer: `${prefix}/${escape(name)}`, body: wrap(bad.body) })),
  );
  const tokens = Object.keys(schema.properties).flatMap((name) =>
    ['NaN', 'Infinity', '-Infinity', 'undefined', '01', '+1', '0x1', "'x'"].map((token) => ({
      name: `${name}: the token ${token}`,
      body: wrap(withRaw(name, token)),
      code: 'body_not_json',
      detail: /line 1, column \d+/,
    })),
  );
  const extra = [
    'surplus',
    '__proto__',
    'constructor',
    'prototype',
    'toString',
    'hasOwnProperty',
    '',
    'a/b~c',
  ].map((name) => ({
    name: `surplus field ${JSON.stringify(name)}`,
    body: wrap(`${text.slice(0, -1)},${JSON.stringify(name)}:{"polluted":true}}`),
    pointer: `${prefix}/${escape(name)}`,
  }));
  const notRows = ['null', 'true', '5', '"text"', '[]', `[${text}]`].map((raw) => ({
    name: `not a row: ${shown(raw)}`,
    body: wrap(raw),
    pointer: prefix,
  }));
  return [
    ...fields,
    ...tokens,
    ...extra,
    ...notRows,
    deep(row, wrap, prefix, 1_500),
    { name: '100,000 levels deep', body: deep(row, wrap, prefix, 100_000).body, ...tooLarge },
  ];
}

/** Bodies that are wrong before any field is looked at, for every route that takes JSON. */
export function badBodies(good: string): BadInput[] {
  const type = (contentType: string): Pick<BadInput, 'headers' | 'status' | 'code' | 'detail'> => ({
    headers: { 'content-type': contentType },
    status: 415,
    code: 'unsupported_media_type',
    detail: /Content-Type: application\/json|UTF-8/,
  });
  const notJson = { code: 'body_not_json' };
  const encoded = { status: 415, code: 'unsupported_media_type', detail: /Content-Encoding/ };
  return [
    ...[
      'text/plain',
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=x',
      'application/xml',
    ].map((each) => ({ name: each, body: good, ...type(each) })),
    { name: 'no media type', body: good, ...type('') },
    { name: 'media type that is none', body: good, ...type('json') },
    {
      name: 'charset utf-16',
      body: Buffer.from(good, 'utf16le'),
      ...type('application/json; charset=utf-16'),
    },
    { name: 'charset latin1', body: good, ...type('application/json; charset=iso-8859-1') },
    { name: 'gzip', body: gzipSync(good), headers: { 'content-encoding': 'gzip' }, ...encoded },
    { name: 'unknown encoding', body: good, headers: { 'content-encoding': 'br, x' }, ...encoded },
    {
      name: 'latin1 that says it is UTF-8',
      body: Buffer.from(`{"caf\u00e9":1}`, 'latin1'),
      ...notJson,
      detail: /not valid UTF-8/,
    },
    {
      name: 'a cut character',
      body: Buffer.from('"\u00e9"').subarray(0, 2),
      ...notJson,
      detail: /not valid UTF-8/,
    },
    { name: 'empty', body: '', ...notJson, detail: /empty/ },
    { name: 'blank', body: '  \n ', ...notJson },
    { name: 'cut off', body: good.slice(0, -1), ...notJson, detail: /line 1, column \d+/ },
    { name: 'more behind it', body: `${good}{}`, ...notJson, detail: /line 1, column \d+/ },
    { name: 'trailing comma', body: `${good.slice(0, -1)},}`, ...notJson, detail: /line 1, column \d+/ },
    { name: 'broken in the third line', body: `{\n\n  "a": ?}`, ...notJson, detail: /line 3, column 8/ },
    { name: 'a comment', body: `/* a */ ${good}`, ...notJson, detail: /line 1, column 1/ },
    { name: 'single quotes', body: good.replaceAll('"', "'"), ...notJson, detail: /line 1, column \d+/ },
    { name: 'unclosed 10,000 levels', body: '['.repeat(10_000), ...notJson },
    { name: 'unclosed 100,000 levels', body: '['.repeat(100_000), ...tooLarge },
    { name: 'over the limit', body: ' '.repeat(140_000), ...tooLarge },
  ];
}

/** Bodies for the route of many rows. */
export function badInstances(schema: ModelSchema): BadInput[] {
  const row = JSON.stringify(exampleRow(schema));
  const second = badRows(schema, '/instances/1', (bad) => `{"instances":[${row},${bad}]}`);
  const list = (raw: string): string => `{"instances":${raw}}`;
  const empty = '{},'.repeat(10_001).slice(0, -1);
  return [
    ...second,
    ...['null', '{}', '"[]"', '5', 'true', row].map((raw) => ({
      name: `instances ${shown(raw)}`,
      body: list(raw),
      pointer: '/instances',
    })),
    { name: 'instances empty', body: list('[]'), pointer: '/instances', detail: /at least one row/ },
    { name: '10,001 rows', body: list(`[${empty}]`), pointer: '/instances', detail: /10001 rows.*10000/ },
    { name: 'instances absent', body: '{}', pointer: '/instances' },
    { name: 'a bare row', body: row, pointer: `/${escape(Object.keys(schema.properties)[0]!)}` },
    { name: 'a list', body: `[${row}]`, pointer: '' },
    { name: 'a key beside', body: `{"instances":[${row}],"signature_name":"x"}`, pointer: '/signature_name' },
  ];
}

function missing(row: Readonly<Record<string, unknown>>, name: string): { name: string; body: string } {
  const { [name]: _, ...rest } = row;
  return { name: `${name} is missing`, body: JSON.stringify(rest) };
}

/** Texts with a surrogate that has no partner, as JSON can escape it. */
const HALF_CHARACTERS = [
  '"\\ud83d"',
  '"fine \\uD83D"',
  '"\\udc00 and more"',
  '"\\ud83d \\ude00"',
  '"\\ude00\\ud83d"',
  '"🎈\\udbff🎈"',
];

/** Raw JSON that is no value of the field. */
function badValues(field: Field): string[] {
  const types = [field.type ?? []].flat();
  const isNumeric = types.includes('number') || types.includes('integer');
  const always = [...(types.includes('null') ? [] : ['null']), 'true', 'false', '[]', '[1]', '{}', '{"a":1}'];
  if (!isNumeric) {
    const tooLong = field.maxLength === undefined ? [] : [JSON.stringify('x'.repeat(field.maxLength + 1))];
    const unlisted = field.enum === undefined ? [] : ['""', '"nobody"', '"__proto__"', '" low"', '"LOW"'];
    return [...always, '0', '1e39', ...HALF_CHARACTERS, ...tooLong, ...unlisted];
  }
  const { minimum, maximum } = field;
  return [
    ...always,
    '""',
    '" "',
    '"x"',
    JSON.stringify(String(field.examples[0])),
    '1e400',
    '-1e400',
    ...(types.includes('integer') ? ['1.5', '1e-7'] : []),
    ...(minimum === undefined ? [] : [String(minimum - Math.max(1, Math.abs(minimum))), '-1e39']),
    ...(maximum === undefined ? [] : [String(maximum + Math.max(1, Math.abs(maximum))), '1e39']),
  ];
}

function deep(
  row: Readonly<Record<string, unknown>>,
  wrap: (row: string) => string,
  prefix: string,
  levels: number,
): BadInput {
  const [name] = Object.keys(row) as [string];
  const body = JSON.stringify({ ...row, [name]: 0 }).replace(
    `${JSON.stringify(name)}:0`,
    `${JSON.stringify(name)}:${nested(levels, '{"a":[', '1', ']}')}`,
  );
  return { name: `${name}: ${levels} levels deep`, body: wrap(body), pointer: `${prefix}/${escape(name)}` };
}

const shown = (raw: string): string => (raw.length > 40 ? `${raw.slice(0, 40)}…` : raw);
