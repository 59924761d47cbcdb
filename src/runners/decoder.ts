import { ArtifactFault } from '../artifacts/artifact-fault.js';
import type { ClassSpec, Manifest } from '../artifacts/manifest.js';
import type { Outputs } from './graph.js';
import { ClassOutcomes, type Decided, type Outcome, type Outcomes, valueOutcomes } from './outcome.js';

/** An outcome with what only metrics and the golden samples ask for. */
export interface Decision extends Decided {
  readonly outcome: Outcome;
  readonly prediction: Outcome['prediction'];
  /** The outcome as JSON, less its last brace. */
  readonly openText: string;
  /** P of the last class for two classes, the largest probability for more, the value of a regression. */
  readonly score: number;
}

type Numbers = ArrayLike<number>;

/** Turns output tensors into decisions, as the manifest's `decision` says. */
export class Decoder {
  /** Names of the tensors that are fetched. */
  readonly outputs: readonly string[];
  private readonly classes: readonly ClassSpec[];
  private readonly outcomes: Outcomes;
  /** What the outputs say of a row. @throws RangeError if one is not a finite number: such an answer is no answer. */
  readonly decided: (outputs: Outputs, row: number) => Decided;

  constructor({ decision, classes = [] }: Manifest) {
    this.classes = classes;
    this.outcomes = decision.kind === 'value' ? valueOutcomes : new ClassOutcomes(classes);
    const round =
      'precision' in decision && decision.precision === 'FP32' ? Math.fround : (value: number) => value;
    switch (decision.kind) {
      case 'sigmoid':
        if (classes.length !== 2)
          throw new ArtifactFault('manifest.json/decision: "sigmoid" needs two classes');
        this.outputs = [decision.output];
        this.decided = (outputs, row) => sigmoid(finite((outputs[decision.output] as Numbers)[row]!), round);
        break;
      case 'softmax':
        this.outputs = [decision.output];
        this.decided = (outputs, row) =>
          softmax(
            slice(outputs[decision.output] as Numbers, row, classes.length),
            round,
            decision.argmax === 'raw',
          );
        break;
      case 'labelled':
        this.outputs = [decision.label, decision.probabilities];
        this.decided = (outputs, row) => ({
          classIndex: this.classOf(outputs[decision.label]![row]),
          raw: [],
          probabilities: slice(outputs[decision.probabilities] as Numbers, row, classes.length),
        });
        break;
      case 'value':
        this.outputs = [decision.output];
        this.decided = (outputs, row) => ({
          classIndex: -1,
          raw: [finite((outputs[decision.output] as Numbers)[row]!)],
          probabilities: [],
        });
        break;
      default: {
        const never: never = decision;
        throw new TypeError(`unknown decision ${String(never)}`);
      }
    }
  }

  /** What was decided of a row, with the text that records and replies are made of. */
  decide(outputs: Outputs, row: number): Decision {
    return new RowDecision(this.outcomes, this.decided(outputs, row));
  }

  private classOf(value: unknown): number {
    const plain = typeof value === 'bigint' ? Number(value) : value;
    const index = this.classes.findIndex((each) => each.value === plain);
    if (index === -1) throw new RangeError(`the model answered a class that the manifest does not know`);
    return index;
  }
}

class RowDecision implements Decision {
  readonly openText: string;
  readonly classIndex: number;
  readonly raw: readonly number[];
  readonly probabilities: readonly number[];

  constructor(
    private readonly outcomes: Outcomes,
    decided: Decided,
  ) {
    this.openText = outcomes.openText(decided);
    this.classIndex = decided.classIndex;
    this.raw = decided.raw;
    this.probabilities = decided.probabilities;
  }

  get outcome(): Outcome {
    return this.outcomes.of(this);
  }

  get prediction(): Outcome['prediction'] {
    return this.outcomes.prediction(this);
  }

  get score(): number {
    const { classIndex, probabilities, raw } = this;
    if (classIndex < 0) return raw[0]!;
    return probabilities.length === 2 ? probabilities[1]! : Math.max(...probabilities);
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

function firstMaximum(values: readonly number[]): number {
  return values.indexOf(Math.max(...values));
}

/** The numbers of one row. What is computed from finite ones is finite too, and not checked again. */
function slice(values: Numbers, row: number, width: number): number[] {
  const numbers: number[] = [];
  for (let index = row * width; index < (row + 1) * width; index++) numbers.push(finite(values[index]!));
  return numbers;
}

function finite(value: number): number {
  if (!Number.isFinite(value)) throw new RangeError('the model answered a number that is not finite');
  return value;
}
