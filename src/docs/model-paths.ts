import type { OpenAPIObject } from '@nestjs/swagger';
import type { MediaObject, OperationObject, ReferenceObject, SchemaObject } from './openapi-types.js';
import type { InputCheck } from '../inputs/input-check.js';
import type { Manifest } from '../artifacts/manifest.js';
import { ModelNotReady, ModelProcessEnded, VersionNotFound } from '../errors/errors.js';
import type { ProblemCode } from '../http/problems.js';
import { MAX_ROWS } from '../pipeline/prediction.js';
import type { Example } from '../models/example.js';
import type { ModelVersion } from '../models/model-version.js';
import { exampleProblem, KILLED } from './problem-examples.js';
import { BODY_PROBLEMS, PREDICTION_PROBLEMS, problemResponses } from './problem-responses.js';
import { predictionSchema } from './prediction-schema.js';
import { PREDICTION_HEADERS } from './schemas.js';
import { tooLargeExample } from './too-large.js';

type Paths = OpenAPIObject['paths'];
/** A body as its schema says, and an example of it. */
type Shape = readonly [SchemaObject | ReferenceObject, object | undefined];

/** What a route takes and answers, and the examples of what it refuses, by code. */
interface Form {
  readonly takes: Shape;
  readonly answers: Shape;
  readonly refusals: Partial<Record<ProblemCode, object>>;
}

const REFUSED_FOR = [...BODY_PROBLEMS, ...PREDICTION_PROBLEMS];
const VERSION_REFUSED_FOR = [
  'version_not_found' as const,
  ...REFUSED_FOR.filter((code) => code !== 'model_not_ready'),
];

/** The typed routes of one model, which generic handlers serve; `maxBodyBytes` is what any body may have at most. */
export function modelPaths(version: ModelVersion, maxBodyBytes: number): Paths {
  const { manifest, check, example } = version;
  const { model } = manifest;
  const tooLarge = (takes: 'row' | 'rows'): Form['refusals'] => ({
    body_too_large: tooLargeExample({ method: 'POST', takes, version }, maxBodyBytes),
  });
  const row: Shape = [{ $ref: `#/components/schemas/${model}.Input` }, example?.row];
  const prediction: Shape = [
    predictionSchema(manifest),
    example && (JSON.parse(example.prediction.text()) as object),
  ];
  const one = {
    takes: row,
    answers: prediction,
    refusals: { ...refusals(check, example, ''), ...tooLarge('row') },
  };
  const many = {
    takes: closed(listOf('instances', row, { minItems: 1, maxItems: MAX_ROWS })),
    answers: listOf('predictions', prediction),
    refusals: { ...refusals(check, example, '/instances/0'), ...tooLarge('rows') },
  };
  const rows = `1 to ${MAX_ROWS.toLocaleString('en')} rows`;
  const byVersion = 'by a named version';
  return {
    [`/models/${model}/predict`]: { post: operation(manifest, 'predict', 'Predict one row', one) },
    [`/models/${model}/versions/{version}/predict`]: {
      post: ofVersion(manifest, 'predictByVersion', `Predict one row ${byVersion}`, one),
    },
    [`/v1/models/${model}:predict`]: {
      post: operation(manifest, 'predictMany', `Predict ${rows}: all of them or none`, many),
    },
    [`/v1/models/${model}/versions/{version}:predict`]: {
      post: ofVersion(manifest, 'predictManyByVersion', `Predict ${rows} ${byVersion}`, many),
    },
  };
}

function operation(
  { model, description }: Manifest,
  name: string,
  summary: string,
  { takes, answers, refusals: refused }: Form,
): OperationObject {
  return {
    operationId: `${name}_${model}`,
    tags: [model],
    summary,
    description,
    requestBody: { required: true, content: { 'application/json': media(takes) } },
    responses: {
      200: {
        description: 'The prediction; its record is in the prediction log',
        headers: PREDICTION_HEADERS,
        content: { 'application/json': media(answers) },
      },
      ...problemResponses(REFUSED_FOR, {
        ...refused,
        model_not_ready: exampleProblem(new ModelNotReady(model)),
        model_process_ended: exampleProblem(new ModelProcessEnded(model, KILLED)),
      }),
    },
  };
}

/** The same for a version by its number; one that is refused is none that is usable. */
function ofVersion(manifest: Manifest, name: string, summary: string, form: Form): OperationObject {
  const made = operation(manifest, name, summary, form);
  const own = {
    ...form.refusals,
    version_not_found: exampleProblem(new VersionNotFound(manifest.model, '999')),
    model_process_ended: exampleProblem(new ModelProcessEnded(manifest.model, KILLED)),
  };
  return {
    ...made,
    parameters: [
      {
        name: 'version',
        in: 'path',
        required: true,
        description: 'A version that GET /models lists as ready',
        schema: { type: 'string', pattern: '^[0-9]+$' },
        example: manifest.version,
      },
    ],
    responses: {
      ...made.responses,
      ...problemResponses(VERSION_REFUSED_FOR, own),
    },
  };
}

/** An object with a list of what `items` is, and one of them as its example. */
const listOf = (name: string, [items, example]: Shape, bounds?: SchemaObject): Shape => [
  {
    type: 'object',
    required: [name],
    properties: { [name]: { type: 'array', ...bounds, items } },
  },
  example && { [name]: [example] },
];

/** An object that has no other fields. */
const closed = ([schema, example]: Shape): Shape => [{ ...schema, additionalProperties: false }, example];

/** What is said of the example without its first field; `at` is where a row stands. */
function refusals(check: InputCheck, example: Example | undefined, at: string): { invalid_input?: object } {
  if (example === undefined) return {};
  const [, ...others] = Object.entries(example.row);
  const faults = check.faults([Object.fromEntries(others)], (fault) => ({
    ...fault,
    pointer: at + fault.pointer,
  }));
  return faults.count === 0 ? {} : { invalid_input: exampleProblem(faults) };
}

const media = ([schema, example]: Shape): MediaObject => ({ schema, ...(example && { example }) });
