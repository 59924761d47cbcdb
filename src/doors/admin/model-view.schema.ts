import { TASKS } from '../../artifacts/decision-schema.js';

const text = { type: 'string' };
const phase = {
  type: 'string',
  enum: ['loading', 'ready', 'failing', 'retiring', 'refused', 'available'],
  description:
    'failing: loaded, but its processes end one after another; available: on disk, opened when a call names it',
};
const place = {
  runs_in: {
    type: 'string',
    enum: ['server', 'processes'],
    description: 'Where the graph of a loaded version runs; in processes of its own if a row is dear',
  },
  processes: { type: 'integer', description: 'How many these are' },
  ms_per_row: {
    type: 'number',
    description: 'Time of a processor that a row was measured to take, for which they are',
  },
};
const reason = { ...text, description: 'Why it is refused or fails, or what it waits for' };

const summary = {
  name: text,
  version: { ...text, description: 'The champion: the version that answers' },
  versions: {
    type: 'array',
    items: {
      type: 'object',
      required: ['version', 'state'],
      properties: {
        version: text,
        state: phase,
        sha256: text,
        ...place,
        reason,
      },
    },
  },
  state: { type: 'string', enum: ['ready', 'failing', 'loading', 'refused'] },
  task: { type: 'string', enum: [...TASKS, null], nullable: true },
  sha256: { type: 'string', nullable: true, description: 'SHA-256 of model.onnx' },
};

const required = Object.keys(summary);
const model = {
  type: 'object',
  required,
  properties: {
    ...summary,
    description: { ...text, description: 'What the champion predicts, in a line' },
    reason,
  },
};

export const MODEL_LIST_SCHEMA = {
  type: 'object',
  required: ['models'],
  properties: { models: { type: 'array', items: model } },
};

export const MODEL_DETAILS_SCHEMA = {
  type: 'object',
  required: [...required, 'aliases'],
  properties: {
    ...summary,
    reason,
    aliases: { type: 'object', additionalProperties: text },
    description: text,
    authors: { type: 'array', items: text },
    license: text,
    created: text,
    inputs: { type: 'array', items: { type: 'object' } },
    classes: { type: 'array', items: { type: 'object' } },
    targets: { type: 'array', items: { type: 'object' } },
    metrics: { type: 'object', additionalProperties: { type: 'number' } },
    training: { type: 'object' },
  },
};

export const MODEL_READY_SCHEMA = {
  type: 'object',
  required: ['ready', 'version'],
  properties: { ready: { type: 'boolean', enum: [true] }, version: text },
};

export const VERSION_DETAILS_SCHEMA = {
  type: 'object',
  required: ['model', 'version', 'state'],
  properties: {
    model: text,
    version: text,
    state: phase,
    sha256: { ...text, description: 'SHA-256 of model.onnx, where it is loaded' },
    ...place,
    content_sha256: { ...text, description: 'Of all its files: the ETag of its artifact' },
    reason,
    manifest: { type: 'object', description: 'Its manifest.json, where it can be served' },
  },
};
