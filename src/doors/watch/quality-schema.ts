import { closed } from '../../artifacts/closed-schema.js';

const text = { type: 'string' };
const number = { type: 'number' };
const count = { type: 'integer', minimum: 0 };
const list = (items: object, more: object = {}): object => ({ type: 'array', items, ...more });
const orNull = (schema: object, description: string): object => ({ ...schema, nullable: true, description });

const FIGURE = closed({
  name: { ...text, description: '`accuracy`, or `mean_absolute_error` of numbers' },
  value: number,
  low: { ...number, description: 'It lies from here to `high` in 95 % of cases' },
  high: number,
});

const MEASURED = closed({
  rows: { ...count, description: 'The newest labels, 10,000 at most' },
  metric: FIGURE,
  confusion: orNull(
    list(list(count)),
    'Rows by what came true, and in each by what was predicted, in the order of `classes`; null for numbers',
  ),
  calibration: orNull(
    list(closed({ from: number, to: number, rows: count, predicted: number, observed: number })),
    'The probability of the last class beside how often it came true, in tenths; null without probabilities',
  ),
  slices: list(closed({ name: text, rows: count, value: number }), {
    description: 'Parts of at least 30 rows, the worst first: `value` is the metric there',
  }),
  errors: closed({
    status: {
      ...text,
      enum: ['ok', 'more_errors', 'insufficient_data'],
      description:
        'Whether there are more errors than on the hold-out, looked at after every 25 labels: without a change it says `more_errors` once in ten million labels at most. Numbers have `insufficient_data`',
    },
    since: orNull({ ...text, format: 'date-time' }, 'When the labels came since which there are more'),
  }),
});

const ESTIMATED = closed({ rows: count, metric: FIGURE });

export const QUALITY_SCHEMA = closed({
  model: text,
  version: text,
  classes: orNull(list(text), 'Labels of the classes; null for numbers'),
  holdout: orNull(
    closed({ name: text, value: number, rows: count }),
    'The same metric on the hold-out of the training; null where it has told none',
  ),
  measured: orNull(MEASURED, 'From labels; null where none has come, and for versions with several targets'),
  estimated: orNull(
    ESTIMATED,
    'What the probabilities of the rows of the newest windows promise, without labels: it sees inputs that move to where the model is less sure, and not that they mean something else today. Null without probabilities',
  ),
});
