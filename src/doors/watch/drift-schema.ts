import { DRIFT_STATUSES } from '../../watch/drift-status.js';

const text = { type: 'string' };
const time = { ...text, format: 'date-time' };
const number = { type: 'number' };
const orNull = { ...number, nullable: true };
const count = { type: 'integer', minimum: 0 };
const counts = { type: 'array', items: count };
const status = {
  ...text,
  enum: [...DRIFT_STATUSES],
  description:
    'From nothing to say to the worst. `warning`: moved beyond chance in two windows; `drift`: by an excess of 0.1 or more in two, or more missing or unseen values, or found by the detector; `severe`: by 0.25 or more in one. `insufficient_data`: fewer than 300 rows, or 2,000 of the training',
};
const whole = (properties: object, more: object = {}): object => ({
  type: 'object',
  required: Object.keys(properties),
  properties,
  ...more,
});

const name = { ...text, description: 'Of the input or the target; else `score` or `class`' };
const kind = { ...text, enum: ['input', 'text_length', 'text_tokens', 'score', 'class'] };
const shareStatus = { ...status, enum: [...DRIFT_STATUSES, null], nullable: true };

const FEATURE = whole({
  name,
  kind,
  status,
  psi: { ...orNull, description: 'Population stability index over the bins; null where no row has a value' },
  psi_excess: { ...orNull, description: 'What is left of it beyond what as many rows show without drift' },
  critical: {
    ...orNull,
    description: 'Clean rows stay below it in 99 of 100 windows, all features together',
  },
  js_distance: { ...orNull, description: 'Jensen-Shannon distance, base 2: from 0 to 1' },
  missing: {
    ...orNull,
    description: 'The share of rows without a value; it and the next two are null where none can be missing',
  },
  missing_expected: { ...orNull, description: 'The same of the training' },
  missing_status: { ...shareStatus, description: 'Of that share alone' },
  unseen: {
    ...orNull,
    description:
      'The share of values, or of tokens of a text, that the training did not have; it and the next two are null where none can be',
  },
  unseen_expected: {
    ...orNull,
    description:
      'The same of the training; of tokens that of held-out texts: a vocabulary has every token of its own',
  },
  unseen_status: { ...shareStatus, description: 'Of that share alone' },
  expected: { ...counts, description: 'Training rows by bin' },
  observed: { ...counts, description: 'Rows of the window by bin' },
});

const WINDOW = whole({
  from: time,
  to: time,
  seconds: { ...count, description: 'The least that it lasts: one that holds fewer than 300 rows goes on' },
  rows: count,
  closed: { type: 'boolean', description: 'False: rows still come' },
  status,
  features: {
    type: 'array',
    items: FEATURE,
    description: 'The worst input first; score and class behind all inputs',
  },
});

const VERDICT = whole({
  name,
  kind,
  status,
  found_by: {
    ...text,
    nullable: true,
    enum: ['distance', 'missing', 'unseen', 'detector', null],
    description:
      'Where the values lie, how many are missing or unseen, or the detector that looks at every 25 rows',
  },
  seconds: { ...count, nullable: true, description: 'The length of the windows that have found it' },
  since: { ...time, nullable: true },
});

const BINS = whole({
  name,
  kind,
  edges: {
    type: 'array',
    items: number,
    nullable: true,
    description: 'Upper edges of all bins but the last; null unless it is a number',
  },
  values: {
    type: 'array',
    items: {},
    nullable: true,
    description: 'The value of each bin; null unless it is a category or a class',
  },
});

export const DRIFT_SCHEMA = whole({
  model: text,
  version: text,
  status,
  training_rows: count,
  verdicts: {
    type: 'array',
    items: VERDICT,
    description:
      'The worst that windows and detector say of each input, of a text by its length or its tokens; the worst input first, score and class behind all inputs',
  },
  windows: {
    type: 'array',
    items: WINDOW,
    description: 'The shorter ones first, of each length the newest first',
  },
  bins: { type: 'array', items: BINS, description: 'What the bins hold, in the order of the inputs' },
});
