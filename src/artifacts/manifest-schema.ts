import { Ajv, type ValidateFunction } from 'ajv';
import { ArtifactFault } from './artifact-fault.js';
import { closed, list, text } from './closed-schema.js';
import { checkDecision, classes, decision, targets, TASKS } from './decision-schema.js';
import type { InputSpec, Manifest } from './manifest.js';

const number = { type: 'number' } as const;
const numberOrText = { type: ['number', 'string'] } as const;

const input = closed(
  {
    name: { type: 'string', minLength: 1, maxLength: 128, not: { const: '__proto__' } },
    type: { enum: ['number', 'integer', 'boolean', 'datetime', 'category', 'text'] },
    description: text,
    example: {},
    unit: text,
    minimum: number,
    maximum: number,
    observed: closed({ minimum: numberOrText, maximum: numberOrText }),
    categories: list({ type: ['string', 'number', 'boolean'] }),
    open: { type: 'boolean' },
    maximum_length: { type: 'integer', minimum: 1 },
    nullable: { type: 'boolean' },
    missing_values: list(number),
    record: { enum: ['keep', 'hash', 'drop'] },
  },
  [
    'unit',
    'minimum',
    'maximum',
    'observed',
    'categories',
    'open',
    'maximum_length',
    'nullable',
    'missing_values',
    'record',
  ],
);

const numberOrNaN = { type: ['number', 'null'] } as const;
const column = {
  ...closed(
    {
      name: text,
      input: text,
      table: { type: 'object', additionalProperties: numberOrNaN },
      unknown: numberOrNaN,
      missing: numberOrNaN,
    },
    ['table', 'unknown', 'missing'],
  ),
  dependencies: { unknown: ['table'], missing: ['table'] },
};

const length = { type: 'integer', minimum: 1 };
const terms = {
  analyzer: { enum: ['word', 'char', 'char_wb'] },
  ngram_range: { type: 'array', items: [length, length], minItems: 2, maxItems: 2 },
  lowercase: { type: 'boolean' },
  strip_accents: { enum: ['ascii', 'unicode'] },
  token_pattern: text,
};

const part = {
  oneOf: [
    closed({
      encoder: { const: 'tabular' },
      columns: list(column),
    }),
    closed({ encoder: { const: 'string' }, input: text }),
    closed(
      {
        encoder: { const: 'tfidf' },
        input: text,
        vocabulary: text,
        sublinear_tf: { type: 'boolean' },
        norm: { enum: ['l1', 'l2', null] },
        ...terms,
        binary: { type: 'boolean' },
      },
      [...Object.keys(terms), 'binary'],
    ),
    closed({
      encoder: { const: 'tokens' },
      input: text,
      vocabulary: text,
      maximum_tokens: { type: 'integer', minimum: 1 },
      token_pattern: text,
    }),
  ],
};

const encoding = { oneOf: [...part.oneOf, closed({ encoder: { const: 'parts' }, parts: list(part) })] };

const tensor = closed({
  name: text,
  datatype: { enum: ['FP64', 'FP32', 'INT64', 'INT32', 'BOOL', 'BYTES'] },
  shape: list({ type: 'integer', minimum: -1 }),
});

const schema = closed(
  {
    schema: { const: 1 },
    model: { type: 'string', pattern: '^[a-z0-9][a-z0-9._-]{0,62}$' },
    version: { type: 'string', pattern: '^[0-9]{1,9}$' },
    created: text,
    task: { enum: TASKS },
    description: text,
    authors: list(text),
    license: text,
    inputs: list(input),
    encoding,
    tensors: closed({ inputs: list(tensor), outputs: list(tensor) }),
    classes,
    targets,
    decision,
    tolerance: closed({ raw: { type: 'number', minimum: 0 }, probability: { type: 'number', minimum: 0 } }, [
      'raw',
      'probability',
    ]),
    metrics: { type: 'object', additionalProperties: number },
    training: { type: 'object' },
  },
  ['classes', 'targets'],
);

/** The schema stands above. To check it too, Ajv would compile the schema of schemas at every start. */
const ajv = new Ajv({ strictTypes: false, validateSchema: false, meta: false });
const check: ValidateFunction<Manifest> = ajv.compile<Manifest>(schema);

/**
 * Reads a manifest and checks its form and that its parts agree with each other.
 * @throws ArtifactFault that names the place in the manifest.
 */
export function parseManifest(bytes: Buffer): Manifest {
  const manifest = parseJson(bytes, 'manifest.json');
  if (!check(manifest)) {
    const [error] = check.errors ?? [];
    throw new ArtifactFault(`manifest.json${error?.instancePath}: ${error?.message}`);
  }
  checkTexts(manifest);
  checkReferences(manifest);
  checkDecision(manifest);
  return manifest;
}

/** Labels, categories and names of inputs stand in records, which readers refuse for half a surrogate pair. */
function checkTexts(manifest: Manifest): void {
  JSON.stringify(manifest, (name, value: unknown) => {
    const odd = [name, value].find((text) => typeof text === 'string' && !text.isWellFormed());
    if (odd === undefined) return value;
    throw new ArtifactFault(`manifest.json: ${JSON.stringify(odd)} holds an unpaired surrogate`);
  });
}

/** @throws ArtifactFault that names `file` where its bytes are not JSON. */
export function parseJson(bytes: Buffer, file: string): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch (error) {
    throw new ArtifactFault(`${file} is not JSON: ${(error as Error).message}`);
  }
}

function checkReferences({ inputs, encoding }: Manifest): void {
  const names = new Set(inputs.map(({ name }) => name));
  if (names.size !== inputs.length)
    throw new ArtifactFault('manifest.json/inputs: two inputs have the same name');
  const parts = encoding.encoder === 'parts' ? encoding.parts : [encoding];
  const used = parts.flatMap((part) =>
    'columns' in part ? part.columns.map((column) => column.input) : [part.input],
  );
  const stray = used.find((name) => !names.has(name));
  if (stray !== undefined) throw new ArtifactFault(`manifest.json/encoding: "${stray}" is not an input`);
  for (const input of inputs) checkValues(input);
}

const JSON_TYPES: Readonly<Record<InputSpec['type'], string>> = {
  number: 'number',
  integer: 'number',
  boolean: 'boolean',
  datetime: 'string',
  category: 'string',
  text: 'string',
};

function checkValues({ name, type, categories, open, observed }: InputSpec): void {
  const fault = (reason: string): ArtifactFault =>
    new ArtifactFault(`manifest.json/inputs: "${name}": ${reason}`);
  if (type === 'category' && categories === undefined) throw fault('a category needs its categories');
  if (categories !== undefined && (type === 'text' || type === 'datetime'))
    throw fault(`a ${type} has no categories`);
  if (open && categories === undefined) throw fault('open belongs to an input with categories');
  const values = [...(categories ?? []), ...Object.values(observed ?? {})];
  const odd = values.find((value) => typeof value !== JSON_TYPES[type]);
  if (odd !== undefined) throw fault(`${JSON.stringify(odd)} is no ${type}`);
  if (new Set(categories).size !== (categories ?? []).length) throw fault('a category stands there twice');
}
