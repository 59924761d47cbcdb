import { applyDecorators } from '@nestjs/common';
import { ApiBody, ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import { type Shown, ShownBy } from '../../docs/example-call.js';
import { ModelRegistry } from '../../models/model-registry.js';
import { BODY_PROBLEMS, RefusesBy } from '../../docs/problem-responses.js';
import { aliasOrder, optionalReason } from './change-body.js';
import { AliasParam, ETAG_HEADER, IfMatch, ModelParam } from './documented-parameters.js';

/** What any change may be refused for. */
const CHANGE = [
  'forbidden',
  'model_not_found',
  'read_only_models',
  'revision_mismatch',
  'aliases_busy',
  'no_space',
] as const;

const text = { type: 'string' };
const orNull = { type: 'string', nullable: true };
const REASON = { type: 'string', maxLength: 1_000, description: 'Stands in the history' };

const ALIASES = {
  type: 'object',
  required: ['aliases', 'revision'],
  properties: {
    aliases: { type: 'object', additionalProperties: text },
    revision: { type: 'integer', description: 'Lines of the history' },
  },
};

const HISTORY = {
  type: 'object',
  required: ['history'],
  properties: {
    history: {
      type: 'array',
      maxItems: 1_000,
      items: {
        oneOf: [
          {
            type: 'object',
            required: ['time', 'alias', 'from', 'to', 'who', 'reason', 'gate'],
            properties: {
              time: text,
              alias: text,
              from: orNull,
              to: orNull,
              who: { ...orNull, description: 'Who asked; `file`: somebody edited aliases.json' },
              reason: orNull,
              gate: {
                type: 'object',
                nullable: true,
                description: 'The verdict on this pair of versions; null: nobody asked for one',
              },
              rollback: { type: 'boolean', enum: [true] },
            },
          },
          {
            type: 'object',
            required: ['time', 'deleted', 'sha256', 'who', 'reason'],
            properties: { time: text, deleted: text, sha256: text, who: orNull, reason: orNull },
          },
        ],
      },
    },
  },
};

/** Of a model that nobody has changed before: here nobody reads the history, which others may not see. */
const FIRST = 'better on the last quarter';
const setBody = ({ version: { manifest } }: Shown): object => ({ version: manifest.version, reason: FIRST });

/** What holds after so many changes. */
const aliasesOf = ({ find, version: { manifest } }: Shown, revision: number): object => ({
  aliases: find(ModelRegistry).state(manifest.model).aliases,
  revision,
});

const lineOf = ({ version: { manifest } }: Shown): object => ({
  time: manifest.created,
  alias: 'champion',
  from: manifest.version,
  to: manifest.version,
  who: null,
  reason: FIRST,
  gate: null,
});

const changed = (description: string): MethodDecorator =>
  ApiOkResponse({ description, schema: ALIASES, headers: ETAG_HEADER });

export const DocumentedSetAlias = (): MethodDecorator =>
  applyDecorators(
    ApiOperation({
      operationId: 'setAlias',
      summary: 'Let an alias name another version: champion is the one that answers',
      description:
        'The version is ready before it is named; one that is refused is not, with the reason. One that the gate has compared becomes champion only if it has passed beside the champion of now, or a person may decide, or `force` is true.',
    }),
    ModelParam(),
    AliasParam(),
    IfMatch(true),
    ApiBody({
      schema: {
        type: 'object',
        additionalProperties: false,
        required: ['version'],
        properties: {
          version: { ...text, pattern: '^[0-9]{1,9}$' },
          reason: REASON,
          force: {
            type: 'boolean',
            default: false,
            description: 'Make it champion although the gate was not passed; needs a reason',
          },
        },
      },
    }),
    changed('What holds now'),
    RefusesBy(
      ...BODY_PROBLEMS,
      ...CHANGE,
      'version_not_found',
      'precondition_required',
      'version_refused',
      'version_not_ready',
      'gate_not_passed',
      'state_unavailable',
    ),
    ShownBy((shown) => ({
      body: setBody(shown),
      answers: { 200: aliasesOf(shown, 1) },
      refuses: () => aliasOrder({}),
    })),
  );

export const DocumentedRemoveAlias = (): MethodDecorator =>
  applyDecorators(
    ApiOperation({
      operationId: 'removeAlias',
      summary: 'Take an alias away; without a champion a model answers nobody',
    }),
    ModelParam(),
    AliasParam(),
    IfMatch(true),
    changed('What holds now'),
    RefusesBy('bad_request', ...CHANGE, 'precondition_required'),
    ShownBy((shown) => ({
      answers: { 200: { aliases: { previous: shown.version.manifest.version }, revision: 1 } },
    })),
  );

export const DocumentedRollback = (): MethodDecorator =>
  applyDecorators(
    ApiOperation({ operationId: 'rollBack', summary: 'Make the champion before the champion again' }),
    ModelParam(),
    IfMatch(false),
    ApiBody({
      required: false,
      schema: { type: 'object', additionalProperties: false, properties: { reason: REASON } },
    }),
    changed('What holds now'),
    RefusesBy(
      ...BODY_PROBLEMS,
      ...CHANGE,
      'version_not_found',
      'nothing_to_roll_back',
      'version_refused',
      'version_not_ready',
    ),
    ShownBy((shown) => ({
      refuses: () => optionalReason([]),
      body: { reason: 'false alarms since noon' },
      answers: { 200: aliasesOf(shown, 2) },
    })),
  );

export const DocumentedHistory = (): MethodDecorator =>
  applyDecorators(
    ApiOperation({ operationId: 'getHistory', summary: 'The last 1,000 changes of a model, newest first' }),
    ModelParam(),
    ApiOkResponse({ description: 'Changes of aliases and deletions', schema: HISTORY }),
    RefusesBy('forbidden', 'model_not_found'),
    ShownBy((shown) => ({ answers: { 200: { history: [lineOf(shown)] } } })),
  );
