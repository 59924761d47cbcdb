import { ArtifactFault } from './artifact-fault.js';
import { closed, list, text } from './closed-schema.js';
import type { DecisionSpec, Manifest, Task } from './manifest.js';

const precision = { enum: ['FP64', 'FP32'] };

export const decision = {
  oneOf: [
    closed({ kind: { const: 'sigmoid' }, output: text, precision }),
    closed(
      { kind: { const: 'softmax' }, output: text, precision, argmax: { enum: ['raw', 'probabilities'] } },
      ['argmax'],
    ),
    closed({ kind: { const: 'margin' }, output: text }),
    closed({ kind: { const: 'labelled' }, label: text, probabilities: text }, ['probabilities']),
    closed({ kind: { const: 'value' }, output: text }),
    closed({ kind: { const: 'anomaly' }, label: text, score: text, threshold: { type: 'number' } }),
    closed({ kind: { const: 'cluster' }, label: text, distances: text }),
  ],
};

/** Names of what replies and records hold by name: `__proto__` would be no property of an object. */
const name = { ...text, not: { const: '__proto__' } };

export const classes = {
  type: 'array',
  minItems: 2,
  items: closed({ value: { type: ['integer', 'string'] }, label: name }),
};

export const targets = list(closed({ name, classes }, ['classes']));

export const TASKS = ['classification', 'regression', 'anomaly', 'clustering'] as const satisfies Task[];

const KINDS: Readonly<Record<Task, readonly DecisionSpec['kind'][]>> = {
  classification: ['sigmoid', 'softmax', 'margin', 'labelled'],
  regression: ['value'],
  anomaly: ['anomaly'],
  clustering: ['cluster', 'labelled'],
};

/** Checks that task, decision, classes and targets fit each other, and that the decision reads what the graph gives. */
export function checkDecision({ task, decision: decided, tensors, ...rest }: Manifest): void {
  const outputs = new Set(tensors.outputs.map((tensor) => tensor.name));
  const missing = outputsOf(decided).find((each) => !outputs.has(each));
  if (missing !== undefined)
    throw new ArtifactFault(`manifest.json/decision: "${missing}" is not an output tensor`);
  if (!KINDS[task].includes(decided.kind)) {
    const kinds = KINDS[task].map((kind) => `"${kind}"`).join(' or ');
    throw new ArtifactFault(`manifest.json/decision: task ${task} needs ${kinds}, not "${decided.kind}"`);
  }
  const hasClasses = task !== 'regression';
  const answers = rest.targets ?? [rest];
  if (answers.some((each) => (each.classes !== undefined) !== hasClasses)) {
    throw new ArtifactFault(`manifest.json: a ${task} ${hasClasses ? 'has' : 'has no'} classes`);
  }
  if (rest.targets !== undefined) checkTargets(task, rest.targets, rest.classes);
}

function checkTargets(
  task: Task,
  given: NonNullable<Manifest['targets']>,
  others: Manifest['classes'],
): void {
  if (task === 'anomaly' || task === 'clustering')
    throw new ArtifactFault(`manifest.json/targets: a model of task ${task} has none`);
  if (others !== undefined)
    throw new ArtifactFault('manifest.json/classes: they stand in each of the targets');
  if (new Set(given.map((each) => each.name)).size !== given.length)
    throw new ArtifactFault('manifest.json/targets: two targets have the same name');
}

/** The output tensors that a decision reads. */
export function outputsOf(decided: DecisionSpec): readonly string[] {
  const names = [
    'label' in decided && decided.label,
    'output' in decided && decided.output,
    'probabilities' in decided && decided.probabilities,
    'score' in decided && decided.score,
    'distances' in decided && decided.distances,
  ];
  return names.filter((each) => typeof each === 'string');
}
