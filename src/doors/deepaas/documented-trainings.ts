import { applyDecorators } from '@nestjs/common';
import {
  ApiBody,
  ApiConsumes,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiBadRequestResponse,
  ApiUnprocessableEntityResponse,
} from '@nestjs/swagger';
import { type Shown, ShownBy } from '../../docs/example-call.js';
import { RefusesBy } from '../../docs/problem-responses.js';
import { unknownMediaType } from '../../http/content-headers.js';
import { SEND_FIELDS } from '../../http/form-body.js';
import { NO_JOB } from '../training/documented-jobs.js';
import { EXAMPLE_ARGUMENTS, EXAMPLE_JOB, TIME } from '../training/example-job.js';
import { tooLarge, TRAIN_FORM } from '../training/job-bodies.js';
import { NameParam } from './documented-models.js';
import { pythonDate, type TrainingView } from './training-view.js';

const text = { type: 'string' };

const TRAINING_SCHEMA = {
  type: 'object',
  required: ['date', 'args', 'uuid', 'status'],
  properties: {
    date: { ...text, description: 'When it was asked for, in UTC: `2026-11-27 08:00:00.000000`' },
    args: { type: 'object' },
    uuid: { ...text, description: 'The id of its job without dashes' },
    status: {
      ...text,
      enum: ['running', 'done', 'error', 'cancelled'],
      description: '`running` also while it waits; `cancelled` as soon as somebody wants it to end',
    },
    result: {
      type: 'object',
      description: 'Of one that is done: the version and figures, when it ended, and how long it took',
      properties: { output: { type: 'object' }, finish_date: text, duration: text },
    },
    message: { ...text, description: 'Of one that has failed' },
  },
};

/** How a body with arguments may be sent. */
export const ARGUMENT_TYPES = [
  'application/json',
  'application/x-www-form-urlencoded',
  'multipart/form-data',
] as const;

const FLAT = { schema: { type: 'object', additionalProperties: { type: 'array', items: text } } };

/** What faults of arguments are answered with. */
export const FlatFaults = (): MethodDecorator =>
  applyDecorators(
    ApiUnprocessableEntityResponse({ description: 'Faults by argument', ...FLAT }),
    ApiBadRequestResponse({
      description: 'A body that is no JSON: `{"json": ["Invalid JSON body."]}`; else a problem',
      content: { 'application/json': FLAT },
    }),
  );

export const UNKNOWN_TYPE = unknownMediaType({ 'content-type': 'text/plain' }, SEND_FIELDS);

const EXAMPLE: TrainingView = {
  date: pythonDate(Date.parse(TIME)),
  args: EXAMPLE_ARGUMENTS,
  uuid: EXAMPLE_JOB.replaceAll('-', ''),
  status: 'running',
};
const ofModel = ({ version: { manifest } }: Shown): { name: string; uuid: string } => ({
  name: manifest.model,
  uuid: EXAMPLE.uuid,
});

const UuidParam = (): MethodDecorator =>
  ApiParam({ name: 'uuid', description: 'A training of this model: the id of its job without dashes' });

export const DocumentedTrain = (): MethodDecorator =>
  applyDecorators(
    ApiOperation({
      operationId: 'deepaasTrain',
      summary: 'Ask for a training, with its arguments in the query, a form or JSON',
      description:
        'Each argument is looked for in the query first; what the training does not declare is passed over. The job is the same under `/jobs`.',
    }),
    NameParam(),
    ApiConsumes(...ARGUMENT_TYPES),
    ApiBody({ required: false, schema: { type: 'object' } }),
    ApiOkResponse({
      description: 'It runs, or waits for a runner',
      schema: TRAINING_SCHEMA,
      headers: { Location: { description: 'Where the training stands', schema: text } },
    }),
    FlatFaults(),
    RefusesBy(
      'bad_request',
      'body_too_large',
      'unsupported_media_type',
      'forbidden',
      'model_not_found',
      'queue_full',
      'state_unavailable',
    ),
    ShownBy((shown) => ({
      parameters: ofModel(shown),
      body: EXAMPLE_ARGUMENTS,
      answers: { 200: EXAMPLE },
      refusals: [tooLarge(TRAIN_FORM), UNKNOWN_TYPE],
    })),
  );

export const DocumentedTrainings = (): MethodDecorator =>
  applyDecorators(
    ApiOperation({
      operationId: 'deepaasTrainings',
      summary: 'The last 1,000 trainings of a model, oldest first',
    }),
    NameParam(),
    ApiOkResponse({
      description: 'A bare list',
      schema: { type: 'array', maxItems: 1_000, items: TRAINING_SCHEMA },
    }),
    RefusesBy('forbidden', 'model_not_found', 'state_unavailable'),
    ShownBy((shown) => ({ parameters: ofModel(shown), answers: { 200: [EXAMPLE] } })),
  );

export const DocumentedTraining = (): MethodDecorator =>
  applyDecorators(
    ApiOperation({
      operationId: 'deepaasTraining',
      summary: 'A training: whether it runs, and what came of it',
    }),
    NameParam(),
    UuidParam(),
    ApiOkResponse({ description: 'The training', schema: TRAINING_SCHEMA }),
    RefusesBy('forbidden', 'job_not_found', 'state_unavailable'),
    ShownBy((shown) => ({
      parameters: ofModel(shown),
      answers: { 200: EXAMPLE },
      refusals: [NO_JOB],
    })),
  );

export const DocumentedCancel = (): MethodDecorator =>
  applyDecorators(
    ApiOperation({
      operationId: 'deepaasCancel',
      summary: 'Cancel a training; it stays listed',
      description: 'It says `cancelled` at once; its job says so when its runner has ended it.',
    }),
    NameParam(),
    UuidParam(),
    ApiOkResponse({ description: 'The training', schema: TRAINING_SCHEMA }),
    RefusesBy('forbidden', 'job_not_found', 'state_unavailable'),
    ShownBy((shown) => ({
      parameters: ofModel(shown),
      answers: { 200: { ...EXAMPLE, status: 'cancelled' } },
      refusals: [NO_JOB],
    })),
  );
