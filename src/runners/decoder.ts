import { ArtifactFault } from '../artifacts/artifact-fault.js';
import { outputsOf } from '../artifacts/decision-schema.js';
import type { ClassSpec, DecisionSpec, Manifest } from '../artifacts/manifest.js';
import type { Outputs } from './graph.js';
import { NoFiniteAnswer } from './no-finite-answer.js';
import {
  AnomalyOutcomes,
  ClassOutcomes,
  ClusterOutcomes,
  type Decided,
  LabelOutcomes,
  type Outcome,
  type Outcomes,
  valueOutcomes,
} from './outcome.js';
import { decideTargets, TargetOutcomes } from './targets.js';

/** An outcome with what only metrics and the golden samples ask for. */
export interface Decision extends Decided {
  readonly outcome: Outcome;
  readonly prediction: Outcome['prediction'];
  /** The outcome as JSON, less its last brace. */
  readonly openText: string;
  /** The one number that is watched (docs/architecture.md, Decision); undefined where there is none. */
  readonly score: number | undefined;
}

type Numbers = ArrayLike<number>;

/** What the outputs say of a row. @throws NoFiniteAnswer if one is not a finite number. */
type Decide = (outputs: Outputs, row: number) => Decided;

/** Turns output tensors into decisions, as the manifest's `decision` says. */
export class Decoder {
  /** Names of the tensors that are fetched. */
  readonly outputs: readonly string[];
  private readonly outcomes: Outcomes;
  readonly decided: Decide;

  constructor({ decision, classes = [], targets }: Manifest) {
    this.outputs = outputsOf(decision);
    if (targets === undefined) {
      this.outcomes = outcomesOf(decision, classes);
      this.decided = decideOne(decision, classes);
      return;
    }
    const names = targets.map(({ name }) => name);
    const single = targets.map((target) => outcomesOf(decision, target.classes ?? []));
    const decides = targets.map((target) => decideOne(decision, target.classes ?? []));
    this.outcomes = new TargetOutcomes(names, single);
    this.decided = decideTargets(decision, this.outputs, targets, decides);
  }

  /** What was decided of a row, with the text that records and replies are made of. */
  decide(outputs: Outputs, row: number): Decision {
    return new RowDecision(this.outcomes, this.decided(outputs, row));
  }
}

function outcomesOf(decision: DecisionSpec, classes: readonly ClassSpec[]): Outcomes {
  switch (decision.kind) {
    case 'value':
      return valueOutcomes;
    case 'anomaly':
      return new AnomalyOutcomes(classes, decision.threshold);
    case 'cluster':
      return new ClusterOutcomes(classes);
    case 'margin':
      return new LabelOutcomes(classes);
    case 'labelled':
      return decision.probabilities === undefined ? new LabelOutcomes(classes) : new ClassOutcomes(classes);
    default:
      return new ClassOutcomes(classes);
  }
}

/** How a row is decided: a function made for the model, which asks nothing of the manifest any more. */
function decideOne(decision: DecisionSpec, classes: readonly ClassSpec[]): Decide {
  const width = classes.length;
  const round =
    'precision' in decision && decision.precision === 'FP32' ? Math.fround : (value: number) => value;
  const classOf = (value: unknown): number => {
    const plain = typeof value === 'bigint' ? Number(value) : value;
    const index = classes.findIndex((each) => each.value === plain);
    if (index === -1) throw new RangeError('the model answered a class that the manifest does not know');
    return index;
  };
  switch (decision.kind) {
    case 'sigmoid':
      if (width !== 2) throw new ArtifactFault('manifest.json/decision: "sigmoid" needs two classes');
      return (outputs, row) => sigmoid(finite((outputs[decision.output] as Numbers)[row]!, row), round);
    case 'softmax':
      return (outputs, row) =>
        softmax(slice(outputs[decision.output] as Numbers, row, width), round, decision.argmax === 'raw');
    case 'margin':
      return (outputs, row) =>
        margin(slice(outputs[decision.output] as Numbers, row, width === 2 ? 1 : width));
    case 'labelled': {
      const { label, probabilities } = decision;
      if (probabilities === undefined)
        return (outputs, row) => ({ classIndex: classOf(outputs[label]![row]), raw: [], probabilities: [] });
      return (outputs, row) => ({
        classIndex: classOf(outputs[label]![row]),
        raw: [],
        probabilities: slice(outputs[probabilities] as Numbers, row, width),
      });
    }
    case 'value':
      return (outputs, row) => ({
        classIndex: -1,
        raw: [finite((outputs[decision.output] as Numbers)[row]!, row)],
        probabilities: [],
      });
    case 'anomaly':
      if (width !== 2) throw new ArtifactFault('manifest.json/decision: "anomaly" needs two classes');
      return (outputs, row) => ({
        classIndex: classOf(outputs[decision.label]![row]),
        raw: [finite((outputs[decision.score] as Numbers)[row]!, row)],
        probabilities: [],
      });
    case 'cluster':
      return (outputs, row) => ({
        classIndex: classOf(outputs[decision.label]![row]),
        raw: slice(outputs[decision.distances] as Numbers, row, width),
        probabilities: [],
      });
    default: {
      const never: never = decision;
      throw new TypeError(`unknown decision ${String(never)}`);
    }
  }
}

class RowDecision implements Decision {
  readonly openText: string;
  readonly classIndex: number;
  readonly raw: readonly number[];
  readonly probabilities: readonly number[];
  readonly targets: readonly Decided[] | undefined;

  constructor(
    private readonly outcomes: Outcomes,
    decided: Decided,
  ) {
    this.openText = outcomes.openText(decided);
    this.classIndex = decided.classIndex;
    this.raw = decided.raw;
    this.probabilities = decided.probabilities;
    this.targets = decided.targets;
  }

  get outcome(): Outcome {
    return this.outcomes.of(this);
  }

  get prediction(): Outcome['prediction'] {
    return this.outcomes.prediction(this);
  }

  get score(): number | undefined {
    return this.outcomes.score(this);
  }
}

// The same formula as LightGBM's; the two libraries' exp differ in the last bit, so P is within 2.3e-16.
function sigmoid(raw: number, round: (value: number) => number): Decided {
  const positive = round(1 / (1 + Math.exp(-raw)));
  return { classIndex: positive > 0.5 ? 1 : 0, raw: [raw], probabilities: [1 - positive, positive] };
}

function softmax(raw: readonly number[], round: (value: number) => number, isDecidedByRaw: boolean): Decided {
  const highest = Math.max(...raw);
  const shares = raw.map((value) => Math.exp(value - highest));
  const total = shares.reduce((sum, share) => sum + share, 0);
  const probabilities = shares.map((share) => round(share / total));
  return { classIndex: firstMaximum(isDecidedByRaw ? raw : probabilities), raw, probabilities };
}

function margin(raw: readonly number[]): Decided {
  const classIndex = raw.length === 1 ? Number(raw[0]! > 0) : firstMaximum(raw);
  return { classIndex, raw, probabilities: [] };
}

function firstMaximum(values: readonly number[]): number {
  return values.indexOf(Math.max(...values));
}

/** The numbers of one row. What is computed from finite ones is finite too, and not checked again. */
function slice(values: Numbers, row: number, width: number): number[] {
  const numbers: number[] = [];
  for (let index = row * width; index < (row + 1) * width; index++) numbers.push(finite(values[index]!, row));
  return numbers;
}

function finite(value: number, row: number): number {
  if (!Number.isFinite(value)) throw new NoFiniteAnswer(row);
  return value;
}
