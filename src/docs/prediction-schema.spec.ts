import { Ajv } from 'ajv';
import type { Manifest } from '../artifacts/manifest.js';
import { Decoder } from '../runners/decoder.js';
import type { Outputs } from '../runners/graph.js';
import { predictionSchema } from './prediction-schema.js';

const classes = [
  { value: -1, label: 'anomaly' },
  { value: 1, label: 'normal' },
];
const label = new BigInt64Array([-1n, 1n]);
const pairs = new Float64Array([0.25, 0.75, 1, 0]);
const probabilities = { kind: 'labelled', label: 'label', probabilities: 'o' };
const targets = ['a', 'b'].map((name) => ({ name, classes }));

/** The kinds of answers, and what of an answer is no such answer. */
const KINDS: [string, object, Outputs, object][] = [
  [
    'probabilities',
    { decision: probabilities, classes },
    { label, o: pairs },
    { probabilities: { normal: 1 } },
  ],
  ['a label alone', { decision: { kind: 'labelled', label: 'label' }, classes }, { label }, { label: 'x' }],
  ['a margin', { decision: { kind: 'margin', output: 'o' }, classes }, { o: pairs }, { prediction: 0 }],
  ['a value', { decision: { kind: 'value', output: 'o' } }, { o: pairs }, { prediction: '1' }],
  [
    'an anomaly',
    { decision: { kind: 'anomaly', label: 'label', score: 'o', threshold: 0.5 }, classes },
    { label, o: pairs },
    { threshold: 0 },
  ],
  [
    'a cluster',
    { decision: { kind: 'cluster', label: 'label', distances: 'o' }, classes },
    { label, o: pairs },
    { distances: { anomaly: -1, normal: 0 } },
  ],
  [
    'several values',
    { decision: { kind: 'value', output: 'o' }, targets: [{ name: 'a' }, { name: 'b' }] },
    { o: pairs },
    { prediction: { a: 1 } },
  ],
  [
    'several labels',
    { decision: probabilities, targets },
    { label, o: pairs },
    { label: { a: 'anomaly', b: 'x' } },
  ],
];

describe('the schema of a prediction takes what the server answers, and no other answer', () => {
  it.each(KINDS)('%s', (_, given, outputs, wrong) => {
    const manifest = given as Manifest;
    const schema = predictionSchema(manifest);
    const check = new Ajv({ formats: { uuid: true } }).compile({
      ...schema,
      properties: { ...schema.properties, warnings: {} },
    });
    const { openText } = new Decoder(manifest).decide(outputs, 0);
    const reply = { ...(JSON.parse(`${openText}}`) as object), prediction_id: '', model: 'm', version: '1' };

    expect(check(reply), JSON.stringify(check.errors)).toBe(true);
    expect(Object.keys(reply)).toEqual(schema.required);
    expect(check({ ...reply, ...wrong })).toBe(false);
  });
});
