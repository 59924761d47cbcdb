import type { OpenAPIObject } from '@nestjs/swagger';
import type { MediaObject, OperationObject, ReferenceObject, SchemaObject } from './openapi-types.js';
import type { InputCheck } from '../inputs/input-check.js';
import type { Manifest } from '../artifacts/manifest.js';
import { VersionNotFound } from '../errors/errors.js';
import { MAX_ROWS } from '../pipeline/prediction.js';
import type { Example } from '../models/example.js';
import type { ModelVersion } from '../models/model-version.js';
import { exampleProblem } from './problem-examples.js';
import { BODY_PROBLEMS, PREDICTION_PROBLEMS, problemResponses } from './problem-responses.js';
import { PREDICTION_ID, WARNINGS } from './schemas.js';

type Paths = OpenAPIObject['paths'];
/** A body as its schema says, and an example of it. */
type Shape = readonly [SchemaObject | ReferenceObject, object | undefined];

const REFUSED_FOR = [...BODY_PROBLEMS, ...PREDICTION_PROBLEMS];

/** The typed routes of one model, which two generic handlers serve. */
export function modelPaths({ manifest, check, example }: ModelVersion): Paths {
  const { model } = manifest;
  const input = { $ref: `#/components/schemas/${model}.Input` };
  const answered = example && (JSON.parse(example.prediction.text()) as object);
  const prediction = predictionSchema(manifest);
  const ofOne = refusals(check, example, '');
  const one = operation(
    manifest,
    'predict',
    'Predict one row',
    [input, example?.row],
    [prediction, answered],
    problemResponses(REFUSED_FOR, ofOne),
  );
  const many = operation(
    manifest,
    'predictMany',
    `Predict 1 to ${MAX_ROWS.toLocaleString('en')} rows: all of them or none`,
    [
      {
        type: 'object',
        additionalProperties: false,
        required: ['instances'],
        properties: { instances: { type: 'array', minItems: 1, maxItems: MAX_ROWS, items: input } },
      },
      example && { instances: [example.row] },
    ],
    [
      {
        type: 'object',
        required: ['predictions'],
        properties: { predictions: { type: 'array', items: prediction } },
      },
      example && { predictions: [answered] },
    ],
    problemResponses(REFUSED_FOR, refusals(check, example, '/instances/0')),
  );
  const version = operation(
    manifest,
    'predictByVersion',
    'Predict one row by a named version',
    [input, example?.row],
    [prediction, answered],
    problemResponses(['version_not_found', ...REFUSED_FOR], {
      ...ofOne,
      version_not_found: exampleProblem(new VersionNotFound(model, '999')),
    }),
  );
  version.parameters = [
    {
      name: 'version',
      in: 'path',
      required: true,
      description: 'A version that GET /models lists as ready',
      schema: { type: 'string', pattern: '^[0-9]+$' },
      example: manifest.version,
    },
  ];
  return {
    [`/models/${model}/predict`]: { post: one },
    [`/models/${model}/versions/{version}/predict`]: { post: version },
    [`/v1/models/${model}:predict`]: { post: many },
  };
}

function operation(
  { model, description }: Manifest,
  name: string,
  summary: string,
  body: Shape,
  answer: Shape,
  refused: OperationObject['responses'],
): OperationObject {
  return {
    operationId: `${name}_${model}`,
    tags: [model],
    summary,
    description,
    requestBody: { required: true, content: { 'application/json': media(body) } },
    responses: {
      200: {
        description: 'The prediction; its record is in the prediction log',
        headers: PREDICTION_ID,
        content: { 'application/json': media(answer) },
      },
      ...refused,
    },
  };
}

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

function predictionSchema({ classes }: Manifest): SchemaObject {
  const outcome: Record<string, SchemaObject> = classes
    ? {
        prediction: { enum: classes.map(({ value }) => value), description: 'Value of the predicted class' },
        label: { type: 'string', enum: classes.map(({ label }) => label) },
        probabilities: {
          type: 'object',
          required: classes.map(({ label }) => label),
          properties: Object.fromEntries(
            classes.map(({ label }) => [label, { type: 'number', minimum: 0, maximum: 1 }]),
          ),
        },
      }
    : { prediction: { type: 'number', description: 'The predicted value' } };
  return {
    type: 'object',
    required: [...Object.keys(outcome), 'prediction_id', 'model', 'version'],
    properties: {
      ...outcome,
      prediction_id: {
        type: 'string',
        format: 'uuid',
        description: 'UUIDv7 of the record in the prediction log',
      },
      model: { type: 'string' },
      version: { type: 'string' },
      warnings: WARNINGS,
    },
  };
}
