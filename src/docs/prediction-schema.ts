import type { ClassSpec, DecisionSpec, Manifest } from '../artifacts/manifest.js';
import type { SchemaObject } from './openapi-types.js';
import { WARNINGS } from './schemas.js';

type Properties = Readonly<Record<string, SchemaObject>>;

const number: SchemaObject = { type: 'number' };

/** What a typed route answers for one row of a model. */
export function predictionSchema({ classes, decision, targets }: Manifest): SchemaObject {
  const outcome =
    targets === undefined
      ? outcomeProperties(decision, classes)
      : byTarget(targets.map(({ name, classes: own }) => [name, outcomeProperties(decision, own)]));
  return {
    type: 'object',
    required: [...Object.keys(outcome), 'prediction_id', 'model', 'version'],
    properties: {
      ...outcome,
      prediction_id: {
        type: 'string',
        format: 'uuid',
        description: 'UUIDv7 of the record in the prediction log',
      },
      model: { type: 'string' },
      version: { type: 'string' },
      warnings: WARNINGS,
    },
  };
}

function outcomeProperties(decision: DecisionSpec, classes: readonly ClassSpec[] | undefined): Properties {
  if (classes === undefined) return { prediction: { ...number, description: 'The predicted value' } };
  const isCluster = decision.kind === 'cluster';
  const types = new Set(classes.map(({ value }) => (typeof value === 'number' ? 'integer' : 'string')));
  return {
    prediction: {
      ...(types.size === 1 && { type: [...types][0]! }),
      enum: classes.map(({ value }) => value),
      description: `Value of the predicted ${isCluster ? 'cluster' : 'class'}`,
    },
    label: { type: 'string', enum: classes.map(({ label }) => label) },
    ...evidence(decision, classes),
  };
}

/** What stands beside a label. */
function evidence(decision: DecisionSpec, classes: readonly ClassSpec[]): Properties {
  switch (decision.kind) {
    case 'value':
    case 'margin':
      return {};
    case 'anomaly':
      return {
        anomaly: { type: 'boolean' },
        score: { ...number, description: 'Below the threshold the row is an anomaly' },
        threshold: { ...number, enum: [decision.threshold] },
      };
    case 'cluster':
      return { distances: byLabel(classes, { ...number, minimum: 0 }) };
    case 'labelled':
      if (decision.probabilities === undefined) return {};
  }
  return { probabilities: byLabel(classes, { ...number, minimum: 0, maximum: 1 }) };
}

const byLabel = (classes: readonly ClassSpec[], schema: SchemaObject): SchemaObject =>
  objectOf(Object.fromEntries(classes.map(({ label }) => [label, schema])));

/** Each property as an object that has it by target. */
function byTarget(targets: readonly (readonly [string, Properties])[]): Properties {
  const keys = Object.keys(targets[0]![1]);
  return Object.fromEntries(
    keys.map((key) => [key, objectOf(Object.fromEntries(targets.map(([name, own]) => [name, own[key]!])))]),
  );
}

const objectOf = (properties: Properties): SchemaObject => ({
  type: 'object',
  required: Object.keys(properties),
  properties,
});
