const text = { type: 'string' };
const state = { type: 'string', enum: ['ready', 'refused'] };

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
        state,
        sha256: text,
        reason: { ...text, description: 'Why it was refused' },
      },
    },
  },
  state,
  task: { type: 'string', enum: ['classification', 'regression', null], nullable: true },
  sha256: { type: 'string', nullable: true, description: 'SHA-256 of model.onnx' },
};

const model = { type: 'object', required: Object.keys(summary), properties: summary };

export const MODEL_LIST_SCHEMA = {
  type: 'object',
  required: ['models'],
  properties: { models: { type: 'array', items: model } },
};

export const MODEL_DETAILS_SCHEMA = {
  type: 'object',
  required: [...Object.keys(summary), 'aliases'],
  properties: {
    ...summary,
    aliases: { type: 'object', additionalProperties: text },
    description: text,
    authors: { type: 'array', items: text },
    license: text,
    created: text,
    inputs: { type: 'array', items: { type: 'object' } },
    classes: { type: 'array', items: { type: 'object' } },
    metrics: { type: 'object', additionalProperties: { type: 'number' } },
    training: { type: 'object' },
  },
};
