import { closed } from '../../artifacts/closed-schema.js';
import { ROWS_OF, VERDICTS } from '../../training/gate.js';

const text = (maxLength: number): object => ({ type: 'string', minLength: 1, maxLength });
const number = { type: 'number' };
const share = { type: 'number', minimum: 0, maximum: 1 };
const rows = { type: 'integer', minimum: 0 };
const numberOrNull = { type: ['number', 'null'] };
const most = (maxItems: number, items: object): object => ({ type: 'array', maxItems, items });

const JUDGED = closed({
  version: { ...text(9), pattern: '^[0-9]+$' },
  sha256: { type: 'string', pattern: '^[0-9a-f]{64}$', description: 'Of its model.onnx' },
});
const both = (each: object): object => closed({ candidate: each, champion: each });

/** The report of a runner on a version beside the champion. */
export const GATE_SCHEMA = {
  ...closed({
    candidate: JUDGED,
    champion: JUDGED,
    verdict: { type: 'string', enum: [...VERDICTS], description: 'What follows from the checks' },
    metric: closed({
      name: text(100),
      candidate: number,
      champion: number,
      gain: { ...number, description: 'More is better; of an error in shares of the champion’s' },
      low: { ...number, description: 'With 95 % certainty the gain is larger' },
      no_gain: { ...share, description: 'The share of resamples in which nothing is gained' },
    }),
    holdout: closed({
      of: {
        type: 'string',
        enum: [...ROWS_OF],
        description: 'Whose hold-out has decided; `labelled`: the newest labelled rows have',
      },
      rows,
    }),
    checks: {
      ...most(
        50,
        closed({
          name: { type: 'string', pattern: '^[a-z][a-z0-9_]{0,62}$' },
          figure: numberOrNull,
          limit: numberOrNull,
          passed: { type: 'boolean' },
          reason: text(2_000),
        }),
      ),
      minItems: 1,
    },
    pictures: closed(
      {
        differences: most(
          20,
          closed({ name: text(100), estimate: number, low: number, high: number, limit: numberOrNull }),
        ),
        slices: most(
          100,
          closed({ name: text(500), rows, candidate: number, champion: number, difference: number }),
        ),
        roc: both(most(200, { type: 'array', minItems: 2, maxItems: 2, items: share })),
        calibration: both(most(50, closed({ predicted: share, observed: share, rows }))),
      },
      ['differences', 'slices', 'roc', 'calibration'],
    ),
  }),
  description: 'The report on the version beside the champion, where there is one',
};

/** The same as it is kept. */
export const KEPT_REPORT_SCHEMA = {
  type: 'object',
  required: ['model', 'job', 'created', 'candidate', 'champion', 'verdict', 'checks'],
  properties: {
    model: { type: 'string' },
    job: { type: 'string', description: 'The job that has published the version' },
    created: { type: 'string', format: 'date-time' },
    ...(GATE_SCHEMA as unknown as { properties: object }).properties,
  },
};
