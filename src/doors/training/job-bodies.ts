import { closed } from '../../artifacts/closed-schema.js';
import { BadRequest } from '../../errors/errors.js';
import { tooLargeText } from '../../http/body-limit.js';
import type { BodyForm } from '../../inputs/body-form.js';
import { DocumentCheck } from '../../inputs/document-check.js';
import type { GateReport } from '../../training/gate.js';
import type { Beat, Result } from '../../training/job.js';
import { GATE_SCHEMA } from './gate-schema.js';
import { ARGUMENTS_SCHEMA } from '../../training/training-arguments.js';

/** A document of so many bytes, whose values are few beside them. */
const document = (bytes: number): BodyForm => ({
  bytes,
  containers: 20_000,
  items: 20_000,
  fields: 20_000,
  strays: 20_000,
  names: new Set(),
});

/** What a larger one is refused by. */
export const tooLarge = (form: BodyForm): BadRequest =>
  new BadRequest('body_too_large', tooLargeText('POST', { kind: undefined, takes: form }, form.bytes));

const text = (maxLength: number): object => ({ type: 'string', minLength: 1, maxLength });

export const TRAIN_FORM = document(65_536);
export const TRAIN_SCHEMA = closed({ arguments: { type: 'object' } }, ['arguments']);

export const CLAIM_FORM = document(1_048_576);
export const CLAIM_SCHEMA = closed({
  runner: { ...text(200), description: 'What people know it by: its machine and process, say' },
  models: {
    type: 'object',
    minProperties: 1,
    maxProperties: 1_000,
    propertyNames: { type: 'string', pattern: '^[a-z0-9][a-z0-9._-]{0,62}$' },
    additionalProperties: ARGUMENTS_SCHEMA,
    description: 'The JSON Schema of the arguments of each training',
  },
});

const TOKEN = { ...text(200), description: 'The token of the lease' };

export const BEAT_FORM = document(524_288);
export const BEAT_SCHEMA = closed(
  {
    token: TOKEN,
    stage: { ...text(200), description: 'What it is doing' },
    progress: { type: 'number', minimum: 0, maximum: 1, description: 'The share that is done' },
    metrics: {
      type: 'object',
      maxProperties: 100,
      propertyNames: { type: 'string', maxLength: 100 },
      additionalProperties: { type: 'number' },
      description: 'Figures so far; each stays until it is told again',
    },
    log: {
      type: 'array',
      maxItems: 1_000,
      items: { type: 'string', maxLength: 10_000, pattern: '^[^\\n]*$' },
      description: 'Lines since the last report',
    },
  },
  ['stage', 'progress', 'metrics', 'log'],
);

/** A report of the gate has curves and parts of the rows in it. */
export const RESULT_FORM = document(196_608);
export const RESULT_SCHEMA = closed(
  {
    token: TOKEN,
    state: { type: 'string', enum: ['done', 'error', 'cancelled'] },
    version: { ...text(9), description: 'The version that was published with this lease, where it is done' },
    gate: GATE_SCHEMA,
    error: closed({
      code: { type: 'string', pattern: '^[a-z][a-z0-9_]{0,62}$' },
      detail: { ...text(10_000), description: 'What went wrong, and how to mend it' },
    }),
  },
  ['version', 'gate', 'error'],
);

const STRAY = 'is not known here';
const train = new DocumentCheck(TRAIN_SCHEMA, STRAY);
const claim = new DocumentCheck(CLAIM_SCHEMA, STRAY);
const beat = new DocumentCheck(BEAT_SCHEMA, STRAY);
const result = new DocumentCheck(RESULT_SCHEMA, STRAY);

/** What a claim says. */
export interface Claim {
  readonly runner: string;
  readonly models: Readonly<Record<string, object>>;
}

/** The arguments of a training; without a body there are none. @throws InvalidInput */
export function argumentsOf(body: unknown): Readonly<Record<string, unknown>> {
  if (body === undefined || body === null) return {};
  train.assert(body);
  return (body as { arguments?: Record<string, unknown> }).arguments ?? {};
}

/** @throws InvalidInput */
export function claimOf(body: unknown): Claim {
  claim.assert(body);
  return body as Claim;
}

/** @throws InvalidInput */
export function beatOf(body: unknown): { token: string; beat: Beat } {
  beat.assert(body);
  const { token, ...rest } = body as Beat & { token: string };
  return { token, beat: rest };
}

/** @throws InvalidInput */
export function resultOf(body: unknown): {
  token: string;
  result: Result;
  gate: GateReport | undefined;
} {
  result.assert(body);
  const { token, gate, ...rest } = body as Result & { token: string; gate?: GateReport };
  return { token, result: rest, gate };
}
