import { VERSION } from '../../config/version.js';
import type { FieldSchema } from '../../inputs/input-schema.js';
import type { DeclaredArguments } from '../../training/training-arguments.js';
import { modelMeta, type NamedModel } from './deepaas-models.js';
import { modelOf } from './published-names.js';

/** One argument as Swagger 2.0 describes it. */
interface Parameter {
  readonly name: string;
  readonly in: 'query' | 'path';
  readonly required: boolean;
  readonly type: string;
  readonly [keyword: string]: unknown;
}
/** What an operation answers, by status. */
type Responses = Readonly<Record<number, object>>;

const text = { type: 'string' };
const refer = (name: string): { $ref: string } => ({ $ref: `#/definitions/${name}` });
const listOf = (items: object): object => ({ type: 'array', items });
const object = (properties: object, required = Object.keys(properties)): object => ({
  type: 'object',
  required,
  properties,
});

const TRAINING = {
  date: text,
  args: { type: 'object' },
  uuid: text,
  status: { ...text, enum: ['running', 'done', 'error', 'cancelled'] },
};
const DEFINITIONS = {
  Failure: object({ code: text, detail: text, error: text }),
  ArgumentFaults: { type: 'object', additionalProperties: listOf(text) },
  Location: object({ rel: text, href: text, type: text }, ['rel', 'href']),
  Version: object({ version: text, id: text, links: listOf(refer('Location')) }),
  Versions: object({ versions: listOf(refer('Version')), links: listOf(refer('Location')) }),
  ModelMeta: object(
    {
      id: text,
      name: text,
      description: text,
      summary: text,
      author: text,
      license: text,
      version: text,
      links: listOf(refer('Location')),
    },
    ['id', 'name', 'description', 'links'],
  ),
  Models: object({ models: listOf(refer('ModelMeta')) }),
  Training: object({ ...TRAINING, result: { type: 'object' }, message: text }, Object.keys(TRAINING)),
  TrainingList: listOf(refer('Training')),
  ModelPredictionResponse: object({
    status: { ...text, description: 'OK' },
    predictions: { type: 'object', description: 'What the model says of the row' },
  }),
};

const FAULTS = {
  422: { description: 'Faults by argument', schema: refer('ArgumentFaults') },
};
const UUID: Parameter = { name: 'uuid', in: 'path', required: true, ...text, type: 'string' };

/** How a key is sent, where callers need one: this kind of document knows no Bearer. */
const SECURITY = {
  securityDefinitions: {
    key: { type: 'apiKey', in: 'header', name: 'x-api-key', description: 'A key of the server, `nst_…`' },
  },
  security: [{ key: [] }],
};

/** The Swagger 2.0 document of the DEEPaaS API: paths and arguments of each model under each of its names. */
export function swaggerOf(models: readonly NamedModel[], needsKey: boolean): object {
  return {
    swagger: '2.0',
    basePath: '/',
    ...(needsKey && SECURITY),
    info: {
      title: 'Nestor: DEEPaaS API',
      version: VERSION,
      description: 'Every model by the DEEPaaS API V2.',
      license: { name: 'MIT', url: 'https://opensource.org/license/mit' },
    },
    externalDocs: { description: 'The DEEPaaS API', url: 'https://deepaas.readthedocs.io/' },
    tags: [
      { name: 'versions', description: 'Which API this is' },
      { name: 'models', description: 'What there is, and what it predicts' },
      { name: 'debug', description: 'What models print' },
    ],
    consumes: ['application/json', 'application/x-www-form-urlencoded', 'multipart/form-data'],
    produces: ['application/json'],
    paths: {
      '/': { get: operation('versions', 'Versions of this API', [], ok('Versions')) },
      '/v2/': { get: operation('versions', 'This version', [], ok('Version')) },
      '/v2/models/': { get: operation('models', 'The models', [], ok('Models')) },
      ...Object.assign({}, ...models.map(pathsOf)),
      '/v2/debug/': {
        get: operation('debug', 'What models have printed: nothing', [], { 204: { description: 'Nothing' } }),
      },
    },
    definitions: DEFINITIONS,
  };
}

function pathsOf(model: NamedModel): object {
  const { name, champion, trainedBy } = model;
  const { description } = modelMeta(model);
  const at = `/v2/models/${name}/`;
  const predict = { ...ok('ModelPredictionResponse'), ...FAULTS, ...failure(404), ...failure(503) };
  const one = [UUID];
  return {
    [at]: { get: operation('models', description, [], { ...ok('ModelMeta'), ...failure(404) }) },
    ...(champion && {
      [`${at}predict/`]: {
        post: operation('models', 'Make a prediction', inputsOf(model), predict),
      },
    }),
    [`${at}train/`]: {
      get: operation('models', 'Its trainings, oldest first', [], ok('TrainingList')),
      post: operation('models', 'Train it', argumentsOf(trainedBy), { ...ok('Training'), ...FAULTS }),
    },
    [`${at}train/{uuid}`]: {
      get: operation('models', 'How a training is', one, { ...ok('Training'), ...failure(404) }),
      delete: operation('models', 'Cancel a training', one, { ...ok('Training'), ...failure(404) }),
    },
  };
}

function operation(
  tag: string,
  summary: string,
  parameters: readonly Parameter[],
  responses: Responses,
): object {
  return { tags: [tag], summary, produces: ['application/json'], parameters, responses };
}

const ok = (schema: string): Responses => ({ 200: { description: 'OK', schema: refer(schema) } });
const failure = (status: number): Responses => ({
  [status]: { description: status === 404 ? 'There is none' : 'Not now', schema: refer('Failure') },
});

/** The inputs of a model; of one that is called by another name than its own, the one list that its clients send. */
function inputsOf({ name, champion }: NamedModel): readonly Parameter[] {
  const { properties, required } = champion!.check.schema;
  if (modelOf(name) === name)
    return Object.entries(properties).map(([input, schema]) =>
      parameter(input, schema, required.includes(input), schema.examples?.[0]),
    );
  const count = Object.keys(properties).length;
  return [
    {
      name: 'data',
      in: 'query',
      required: true,
      type: 'array',
      items: { type: 'number' },
      collectionFormat: 'multi',
      minItems: count,
      maxItems: count,
      description: `The inputs in their order: ${Object.keys(properties).join(', ')}`,
    },
  ];
}

function argumentsOf(declared: DeclaredArguments | undefined): readonly Parameter[] {
  const { properties = {}, required = [] } = declared ?? {};
  return Object.entries(properties).map(([name, schema]) =>
    parameter(name, schema, required.includes(name), schema.default),
  );
}

/** `shown` is what a form begins with: the default of an argument, the example of an input. */
function parameter(name: string, schema: FieldSchema, required: boolean, shown: unknown): Parameter {
  const { description, format, enum: options, minimum, maximum, maxLength } = schema;
  return {
    name,
    in: 'query',
    required,
    type: typeOf(schema),
    ...(description !== undefined && { description }),
    ...(format !== undefined && { format }),
    ...(options !== undefined && { enum: options.filter((option) => option !== null) }),
    ...(minimum !== undefined && { minimum }),
    ...(maximum !== undefined && { maximum }),
    ...(maxLength !== undefined && { maxLength }),
    ...(shown !== undefined && shown !== null && { default: shown }),
  };
}

/** Swagger 2.0 knows one type for an argument; what may be of several is a text. */
function typeOf({ type, enum: options = [] }: FieldSchema): string {
  const values = options.filter((option) => option !== null);
  if (values.length > 0) {
    if (values.every((value) => Number.isInteger(value))) return 'integer';
    const [kind, ...others] = new Set(values.map((value) => typeof value));
    return kind !== undefined && others.length === 0 ? kind : 'string';
  }
  const [only = 'string', ...others] = [type].flat().filter((each) => each !== undefined && each !== 'null');
  return others.length === 0 ? only : 'string';
}
