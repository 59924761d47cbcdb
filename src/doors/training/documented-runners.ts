import { applyDecorators } from '@nestjs/common';
import { ApiBody, ApiNoContentResponse, ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import { ShownBy } from '../../docs/example-call.js';
import { BODY_PROBLEMS, RefusesBy } from '../../docs/problem-responses.js';
import { JOB_SCHEMA, JobParam, NO_JOB } from './documented-jobs.js';
import {
  doneExample,
  EXAMPLE_BEAT,
  EXAMPLE_JOB,
  EXAMPLE_RUNNER,
  EXAMPLE_TOKEN,
  EXAMPLE_VERSION,
  exampleReport,
  runningExample,
} from './example-job.js';
import {
  BEAT_FORM,
  BEAT_SCHEMA,
  beatOf,
  CLAIM_FORM,
  CLAIM_SCHEMA,
  claimOf,
  RESULT_FORM,
  RESULT_SCHEMA,
  resultOf,
  tooLarge,
} from './job-bodies.js';

const text = { type: 'string' };

const CLAIMED_SCHEMA = {
  type: 'object',
  required: ['job', 'lease'],
  properties: {
    job: JOB_SCHEMA,
    lease: {
      type: 'object',
      required: ['token', 'expires'],
      properties: {
        token: { ...text, description: 'Says in every report that this runner has the job' },
        expires: { ...text, format: 'date-time', description: 'Unless a heartbeat renews it before' },
      },
    },
  },
};

const TREES = {
  type: 'object',
  additionalProperties: false,
  properties: { trees: { type: 'integer', minimum: 1, maximum: 1_000, default: 100 } },
};

export const DocumentedClaim = (): MethodDecorator =>
  applyDecorators(
    ApiOperation({
      operationId: 'claimJob',
      summary: 'For runners: the job that has waited longest among those of your models',
      description:
        'Waits up to 20 s for one. `python -m nestor runner` does this. Declares besides what this runner can train, and by which arguments.',
    }),
    ApiBody({ schema: CLAIM_SCHEMA }),
    ApiOkResponse({
      description: 'The job is this runner’s as long as it renews its lease',
      schema: CLAIMED_SCHEMA,
    }),
    ApiNoContentResponse({ description: 'There was none; ask again' }),
    RefusesBy(...BODY_PROBLEMS, 'forbidden', 'waiters_busy', 'state_unavailable'),
    ShownBy((shown) => {
      const job = runningExample(shown);
      const models = { [job.model]: TREES };
      return {
        body: { runner: EXAMPLE_RUNNER, models },
        answers: { 200: { job, lease: { token: EXAMPLE_TOKEN, expires: job.created } } },
        refuses: () => claimOf({ models }),
        refusals: [tooLarge(CLAIM_FORM)],
      };
    }),
  );

export const DocumentedBeat = (): MethodDecorator =>
  applyDecorators(
    ApiOperation({
      operationId: 'reportOnJob',
      summary: 'For runners: the training goes on, and is so far',
      description: 'Renews the lease. Where `cancel` is true, end the training and report `cancelled`.',
    }),
    JobParam(),
    ApiBody({ schema: BEAT_SCHEMA }),
    ApiOkResponse({
      description: 'The lease is renewed',
      schema: { type: 'object', required: ['cancel'], properties: { cancel: { type: 'boolean' } } },
    }),
    RefusesBy(...BODY_PROBLEMS, 'forbidden', 'job_not_found', 'lease_lost', 'state_unavailable'),
    ShownBy(() => ({
      parameters: { id: EXAMPLE_JOB },
      body: EXAMPLE_BEAT,
      answers: { 200: { cancel: false } },
      refuses: () => beatOf({}),
      refusals: [NO_JOB, tooLarge(BEAT_FORM)],
    })),
  );

export const DocumentedResult = (): MethodDecorator =>
  applyDecorators(
    ApiOperation({
      operationId: 'endJob',
      summary: 'For runners: the training has ended',
      description:
        'A report of the gate is kept, and in development and test promotes the version by rule. The version is published before, by `POST /models/{model}/versions` with the header `x-job-lease`. Said again it changes nothing.',
    }),
    JobParam(),
    ApiBody({ schema: RESULT_SCHEMA }),
    ApiOkResponse({ description: 'The job as it ended', schema: JOB_SCHEMA }),
    RefusesBy(
      ...BODY_PROBLEMS,
      'forbidden',
      'job_not_found',
      'lease_lost',
      'report_refused',
      'state_unavailable',
    ),
    ShownBy((shown) => ({
      parameters: { id: EXAMPLE_JOB },
      body: {
        token: EXAMPLE_TOKEN,
        state: 'done',
        version: EXAMPLE_VERSION,
        gate: exampleReport(shown, EXAMPLE_VERSION, shown.version.manifest.version),
      },
      answers: { 200: doneExample(shown) },
      refuses: () => resultOf({ state: 'done', version: EXAMPLE_VERSION }),
      refusals: [NO_JOB, tooLarge(RESULT_FORM)],
    })),
  );
