import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ARTIFACTS } from '../../test/support/artifacts.js';
import { parseManifest } from './manifest-schema.js';
import { parseSamples } from './samples-schema.js';

const turnover = JSON.parse(readFileSync(join(ARTIFACTS, 'turnover/1/manifest.json'), 'utf8')) as Record<
  string,
  unknown
>;
const outputs = ['label', 'o', 'p'].map((name) => ({ name, datatype: 'FP64', shape: [-1, 2] }));
const tensors = { ...(turnover['tensors'] as object), outputs };
const classes = [
  { value: -1, label: 'anomaly' },
  { value: 1, label: 'normal' },
];
const bytes = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));
const parsed = (change: object): unknown => parseManifest(bytes({ ...turnover, tensors, ...change }));

const MARGIN = { kind: 'margin', output: 'o' };
const LABEL = { kind: 'labelled', label: 'label' };
const VALUE = { kind: 'value', output: 'o' };
const ANOMALY = { kind: 'anomaly', label: 'label', score: 'o', threshold: 0 };
const CLUSTER = { kind: 'cluster', label: 'label', distances: 'o' };
const none = { classes: undefined };

describe('a manifest may answer', () => {
  it.each<[string, object]>([
    ['a margin', { decision: MARGIN }],
    ['a label alone', { decision: LABEL }],
    ['a value', { task: 'regression', decision: VALUE, ...none }],
    ['an anomaly', { task: 'anomaly', decision: ANOMALY, classes }],
    ['a cluster', { task: 'clustering', decision: CLUSTER }],
    ['a cluster with probabilities', { task: 'clustering', decision: { ...LABEL, probabilities: 'p' } }],
    ['several values', { task: 'regression', decision: VALUE, ...none, targets: [{ name: 'a' }] }],
    ['several labels', { decision: LABEL, ...none, targets: [{ name: 'a', classes }] }],
  ])('%s', (_, change) => {
    expect(parsed(change)).toMatchObject(JSON.parse(JSON.stringify(change)) as object);
  });
});

describe('a manifest whose parts do not fit is refused', () => {
  it.each<[string, object, RegExp]>([
    ['a value with classes', { task: 'regression', decision: VALUE }, /a regression has no classes$/],
    ['a label without', { decision: LABEL, ...none }, /a classification has classes$/],
    [
      'an anomaly as a classification',
      { decision: ANOMALY },
      /decision: task classification needs "sigmoid" or .*, not "anomaly"$/,
    ],
    ['an unknown tensor', { decision: { ...ANOMALY, score: 'x' } }, /decision: "x" is not an output tensor$/],
    [
      'classes beside targets',
      { decision: LABEL, targets: [{ name: 'a', classes }] },
      /classes: they stand in each of the targets$/,
    ],
    [
      'a target without classes',
      { decision: LABEL, ...none, targets: [{ name: 'a' }] },
      /a classification has classes$/,
    ],
    [
      'two targets of one name',
      { task: 'regression', decision: VALUE, ...none, targets: [{ name: 'a' }, { name: 'a' }] },
      /targets: two targets have the same name$/,
    ],
    [
      'anomalies of several targets',
      { task: 'anomaly', decision: ANOMALY, ...none, targets: [{ name: 'a', classes }] },
      /targets: a model of task anomaly has none$/,
    ],
    [
      'a target called as no property can be',
      { decision: LABEL, ...none, targets: [{ name: '__proto__', classes }] },
      /\/targets\/0\/name/,
    ],
  ])('%s', (_, change, reason) => {
    expect(() => parsed(change)).toThrow(reason);
  });
});

describe('a sample tells', () => {
  const sample = { input: {}, raw: [], label: 1 };
  const read = (given: object, change: object): unknown =>
    parseSamples(bytes({ samples: [given] }), parseManifest(bytes({ ...turnover, tensors, ...change })));

  it('no probabilities where there are none', () => {
    expect(read(sample, { decision: LABEL })).toEqual([sample]);
    expect(() => read(sample, { decision: { ...LABEL, probabilities: 'p' } })).toThrow(/'probabilities'$/);
    expect(() => read({ input: {}, raw: [] }, { decision: LABEL })).toThrow(/'label'$/);
  });

  it('a label for each target', () => {
    const several = { ...sample, label: [1, -1] };
    expect(read(several, { decision: LABEL, ...none, targets: [{ name: 'a', classes }] })).toEqual([several]);
  });
});
