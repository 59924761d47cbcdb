import { applyDecorators } from '@nestjs/common';
import {
  ApiAcceptedResponse,
  ApiBody,
  ApiHeader,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiQuery,
} from '@nestjs/swagger';
import { ShownBy } from '../../docs/example-call.js';
import { BODY_PROBLEMS, RefusesBy } from '../../docs/problem-responses.js';
import { JOB_STATES } from '../../state/stored-job.js';
import { VERDICTS } from '../../training/gate.js';
import { IdempotencyMismatch, JobNotFound } from '../../training/job-errors.js';
import { ModelParam } from '../admin/documented-parameters.js';
import { EXAMPLE_ARGUMENTS, EXAMPLE_JOB, EXAMPLE_KEY, waitingExample } from './example-job.js';
import { argumentsOf, tooLarge, TRAIN_FORM, TRAIN_SCHEMA } from './job-bodies.js';

const text = { type: 'string' };
const orNull = { type: 'string', nullable: true };
const time = { ...text, format: 'date-time' };
const timeOrNull = { ...time, nullable: true };

const LISTED = {
  id: text,
  model: text,
  state: { ...text, enum: [...JOB_STATES], description: '`interrupted`: its runners fell silent' },
  stage: { ...orNull, description: 'What the training is doing' },
  progress: { type: 'number', nullable: true, minimum: 0, maximum: 1, description: 'The share that is done' },
  arguments: { type: 'object' },
  metrics: { type: 'object', additionalProperties: { type: 'number' } },
  attempt: { type: 'integer', description: 'How often a runner has claimed it' },
  version: { ...orNull, description: 'The version that it has published' },
  gate: {
    type: 'object',
    nullable: true,
    required: ['verdict', 'champion', 'report', 'promoted', 'reason'],
    description: 'What the gate said of that version beside the champion; null: it was not asked',
    properties: {
      verdict: { ...text, enum: [...VERDICTS] },
      champion: { ...text, description: 'The version that it was compared with' },
      report: { ...text, description: 'Where the report stands' },
      promoted: { type: 'boolean', description: 'It became champion by rule when the job ended' },
      reason: { ...text, description: 'Why, or why not' },
    },
  },
  error: {
    type: 'object',
    nullable: true,
    required: ['code', 'detail'],
    properties: { code: text, detail: text },
  },
  created: time,
  started: timeOrNull,
  finished: timeOrNull,
  principal: { ...orNull, description: 'Who asked for it' },
  trigger: { ...text, description: 'What asked for it' },
  runner: { ...orNull, description: 'Which runner has it, or had it last' },
  cancelled: { type: 'boolean', description: 'Somebody wants it to end' },
};
const LOG = { type: 'array', items: text, description: 'The last lines of its training' };

export const JOB_SCHEMA = {
  type: 'object',
  required: [...Object.keys(LISTED), 'log'],
  properties: { ...LISTED, log: LOG },
};

const LIST_SCHEMA = {
  type: 'object',
  required: ['jobs'],
  properties: {
    jobs: {
      type: 'array',
      maxItems: 1_000,
      items: { type: 'object', required: Object.keys(LISTED), properties: LISTED },
    },
  },
};

/** The job that a path names. */
export const JobParam = (): MethodDecorator =>
  ApiParam({ name: 'id', description: 'A job that GET /jobs lists' });

export const NO_JOB = new JobNotFound(EXAMPLE_JOB);

export const DocumentedTrain = (): MethodDecorator =>
  applyDecorators(
    ApiOperation({
      operationId: 'train',
      summary: 'Ask for a training: a job that the next free runner does',
      description:
        'Sent again with the same `Idempotency-Key` it is the same job, whatever became of the first call. One job of a model runs at a time.',
    }),
    ModelParam(),
    ApiHeader({
      name: 'Idempotency-Key',
      required: false,
      description: 'Any text of up to 200 characters that you use for this job alone',
      schema: text,
    }),
    ApiBody({ required: false, schema: TRAIN_SCHEMA }),
    ApiAcceptedResponse({
      description: 'The job waits for a runner',
      schema: JOB_SCHEMA,
      headers: { Location: { description: 'Where the job stands', schema: text } },
    }),
    ApiOkResponse({ description: 'The job that the same key was used for', schema: JOB_SCHEMA }),
    RefusesBy(
      ...BODY_PROBLEMS,
      'forbidden',
      'model_not_found',
      'idempotency_mismatch',
      'queue_full',
      'state_unavailable',
    ),
    ShownBy((shown) => ({
      parameters: { 'Idempotency-Key': EXAMPLE_KEY },
      body: { arguments: EXAMPLE_ARGUMENTS },
      answers: { 200: waitingExample(shown), 202: waitingExample(shown) },
      refuses: () => argumentsOf([]),
      refusals: [new IdempotencyMismatch(EXAMPLE_JOB), tooLarge(TRAIN_FORM)],
    })),
  );

export const DocumentedJobs = (): MethodDecorator =>
  applyDecorators(
    ApiOperation({ operationId: 'getJobs', summary: 'The last 1,000 jobs, newest first' }),
    ApiQuery({ name: 'model', required: false, schema: text }),
    ApiQuery({ name: 'state', required: false, schema: { ...text, enum: [...JOB_STATES] } }),
    ApiOkResponse({ description: 'Jobs without their logs', schema: LIST_SCHEMA }),
    RefusesBy('bad_request', 'forbidden', 'state_unavailable'),
    ShownBy((shown) => {
      const { log: _, ...listed } = waitingExample(shown);
      return { parameters: { model: listed.model, state: 'queued' }, answers: { 200: { jobs: [listed] } } };
    }),
  );

export const DocumentedJob = (): MethodDecorator =>
  applyDecorators(
    ApiOperation({ operationId: 'getJob', summary: 'A job: how far it is, what it said, what became of it' }),
    JobParam(),
    ApiOkResponse({ description: 'The job', schema: JOB_SCHEMA }),
    RefusesBy('forbidden', 'job_not_found', 'state_unavailable'),
    ShownBy((shown) => ({
      parameters: { id: EXAMPLE_JOB },
      answers: { 200: waitingExample(shown) },
      refusals: [NO_JOB],
    })),
  );

export const DocumentedEvents = (): MethodDecorator =>
  applyDecorators(
    ApiOperation({
      operationId: 'followJob',
      summary: 'A job as it changes, as server-sent events',
      description:
        'Each event is the job, as `GET /jobs/{id}` gives it. The first comes at once, the last when it has ended; then the stream closes. One that closes earlier is to be opened again.',
    }),
    JobParam(),
    ApiOkResponse({
      description: 'Lines `data: {…}`',
      content: { 'text/event-stream': { schema: text } },
    }),
    RefusesBy('forbidden', 'job_not_found', 'waiters_busy', 'state_unavailable'),
    ShownBy(() => ({ parameters: { id: EXAMPLE_JOB }, answers: {}, refusals: [NO_JOB] })),
  );

export const DocumentedCancel = (): MethodDecorator =>
  applyDecorators(
    ApiOperation({
      operationId: 'cancelJob',
      summary: 'Cancel a job; its record stays',
      description: 'One that waits ends at once, one that runs when its runner has ended it.',
    }),
    JobParam(),
    ApiOkResponse({ description: 'The job', schema: JOB_SCHEMA }),
    RefusesBy('forbidden', 'job_not_found', 'state_unavailable'),
    ShownBy((shown) => {
      const job = waitingExample(shown);
      return {
        parameters: { id: EXAMPLE_JOB },
        answers: { 200: { ...job, state: 'cancelled', cancelled: true, finished: job.created } },
        refusals: [NO_JOB],
      };
    }),
  );
