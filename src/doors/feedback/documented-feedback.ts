import { applyDecorators } from '@nestjs/common';
import { ApiBody, ApiExtension, ApiOkResponse, ApiOperation, ApiParam, ApiQuery } from '@nestjs/swagger';
import type { Manifest } from '../../artifacts/manifest.js';
import { ShownBy, TABLES } from '../../docs/example-call.js';
import { BODY_PROBLEMS, RefusesBy } from '../../docs/problem-responses.js';
import { PredictionGone, PredictionNotFound } from '../../journal/search-errors.js';
import { EXAMPLE_ID } from '../../docs/problem-examples.js';
import type { ModelVersion } from '../../models/model-version.js';
import { EXAMPLE_PREDICTION } from '../../models/example.js';
import { REJECTIONS } from '../../watch/feedback.js';
import { LeaseHeader, ModelParam } from '../admin/documented-parameters.js';
import { FEEDBACK_SCHEMA, pairsOfBody, TABLE_SCHEMAS, tooLarge } from './feedback-body.js';

const text = { type: 'string' };
const count = (description: string): object => ({ type: 'integer', minimum: 0, description });
const time = (description: string): object => ({ ...text, format: 'date-time', description });

const ANSWER_SCHEMA = {
  type: 'object',
  required: ['accepted', 'replaced', 'unchanged', 'rejected'],
  properties: {
    accepted: count('Predictions that had no value before'),
    replaced: count('Values that stand in the place of another one now'),
    unchanged: count('Values that were there already'),
    rejected: {
      type: 'array',
      maxItems: 10_000,
      items: {
        type: 'object',
        required: ['index', 'code', 'detail'],
        properties: {
          index: { type: 'integer', minimum: 0, description: 'Place of the pair in the call' },
          code: { ...text, enum: [...REJECTIONS] },
          detail: text,
        },
      },
    },
  },
};

const RECORD_SCHEMA = {
  type: 'object',
  required: ['prediction_id', 'time', 'model', 'version', 'inputs', 'outputs'],
  properties: {
    prediction_id: text,
    request_id: text,
    time: { ...text, format: 'date-time' },
    model: text,
    version: text,
    sha256: { ...text, description: 'Digest of its `model.onnx`' },
    hidden: {
      type: 'object',
      additionalProperties: { ...text, enum: ['hash', 'drop'] },
      description: 'Inputs that are hashed or left out, where there are any',
    },
    route: text,
    inputs: { type: 'object' },
    outputs: { type: 'object' },
    duration_us: { type: 'integer' },
    principal: { ...text, nullable: true },
    salt: { ...text, description: '128 random bits, which go with the record when it is erased' },
    previous: { ...text, description: 'SHA-256 of the line before it in its file, in base64url' },
    schema: { type: 'integer' },
    seq: { type: 'integer' },
  },
};

const ROW_SCHEMA = {
  type: 'object',
  required: ['prediction_id', 'version', 'time', 'given', 'inputs', 'label'],
  properties: {
    prediction_id: text,
    version: text,
    time: time('When it was predicted'),
    given: time('When its value was given'),
    inputs: { type: 'object' },
    hidden: {
      type: 'array',
      items: text,
      description:
        'Inputs that are not among them because their values are not kept; absent where there are none',
    },
    label: { description: 'What turned out to be true' },
  },
  description: 'One of the lines',
};

/** A value that may be true of a prediction of a model. */
function exampleValue({ classes, targets }: Pick<Manifest, 'classes' | 'targets'>): unknown {
  if (targets !== undefined)
    return Object.fromEntries(targets.map((target) => [target.name, exampleValue(target)]));
  return classes === undefined ? 12.5 : classes.at(-1)!.value;
}

export const DocumentedFeedback = (): MethodDecorator =>
  applyDecorators(
    ApiOperation({
      operationId: 'giveFeedback',
      summary: 'Say what turned out to be true of predictions',
      description:
        'Up to 10,000 pairs, in any order and however late. The same value again changes nothing, another one replaces it. A pair that cannot be taken is among `rejected` and rejects no other. All is written when the answer comes.',
    }),
    ApiBody({ schema: FEEDBACK_SCHEMA }),
    ApiExtension(TABLES, TABLE_SCHEMAS),
    ApiOkResponse({ description: 'What became of the pairs', schema: ANSWER_SCHEMA }),
    RefusesBy(...BODY_PROBLEMS, 'search_busy', 'state_unavailable'),
    ShownBy(({ version: { manifest } }) => ({
      body: { prediction_id: EXAMPLE_PREDICTION, value: exampleValue(manifest) },
      answers: { 200: { accepted: 1, replaced: 0, unchanged: 0, rejected: [] } },
      refuses: () => pairsOfBody({ value: exampleValue(manifest) }),
      refusals: [tooLarge()],
    })),
  );

export const DocumentedPrediction = (): MethodDecorator =>
  applyDecorators(
    ApiOperation({
      operationId: 'getPrediction',
      summary: 'The record of a prediction: what was predicted from what, by which model',
    }),
    ApiParam({ name: 'id', description: 'What the prediction was answered with' }),
    ApiOkResponse({ description: 'The record as it was written', schema: RECORD_SCHEMA }),
    RefusesBy('forbidden', 'prediction_not_found', 'prediction_gone', 'search_busy'),
    ShownBy((shown) => ({
      parameters: { id: EXAMPLE_PREDICTION },
      answers: { 200: exampleRecord(shown.version) },
      refusals: [new PredictionNotFound(EXAMPLE_PREDICTION), new PredictionGone(EXAMPLE_PREDICTION)],
    })),
  );

export const DocumentedLabelled = (): MethodDecorator =>
  applyDecorators(
    ApiOperation({
      operationId: 'getLabelled',
      summary: 'Predicted rows of a model with what turned out to be true, one a line',
      description:
        'In the order in which the values were given; one that is replaced while they are read may come twice, the last time with its new value. A runner sends the lease of a job of this model.',
    }),
    ModelParam(),
    ApiQuery({
      name: 'since',
      required: false,
      description: 'Those alone whose value was given at that time or later',
      schema: { ...text, format: 'date-time' },
    }),
    LeaseHeader(),
    ApiOkResponse({
      description: 'Lines of JSON',
      content: { 'application/x-ndjson': { schema: ROW_SCHEMA } },
    }),
    RefusesBy('bad_request', 'forbidden', 'model_not_found', 'lease_lost', 'state_unavailable'),
  );

/** A record of the model that is shown. */
function exampleRecord({ manifest: { model, version }, digest, example }: ModelVersion): object {
  return {
    prediction_id: EXAMPLE_PREDICTION,
    request_id: EXAMPLE_ID,
    time: '2026-11-21T11:07:26.793Z',
    model,
    version,
    sha256: digest,
    route: '/models/:model/predict',
    inputs: example?.row ?? {},
    outputs: example?.prediction.outcome ?? {},
    duration_us: 624,
    principal: null,
    salt: 'cneF8ejtUvLBVFsBeMstXJ',
    previous: 'ICgk5meEn4ZZglB9YAaFTwcypsrJcGDIYAxspZPyyvQ',
    schema: 1,
    seq: 17,
  };
}
