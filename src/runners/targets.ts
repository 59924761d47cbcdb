import type { ClassSpec, DecisionSpec, TargetSpec } from '../artifacts/manifest.js';
import type { OutputData, Outputs } from './graph.js';
import { NoFiniteAnswer } from './no-finite-answer.js';
import type { Decided, Outcome, Outcomes } from './outcome.js';

type Decide = (outputs: Outputs, row: number) => Decided;

/**
 * Decides each of several targets as if it were the only one, from its columns of the tensors.
 * `decides` has for each target how it is decided alone.
 */
export function decideTargets(
  decision: DecisionSpec,
  outputs: readonly string[],
  targets: readonly TargetSpec[],
  decides: readonly Decide[],
): Decide {
  const columns = outputs.map((name) => ({
    name,
    widths: targets.map(({ classes = [] }) => widthOf(decision, name, classes)),
  }));
  const strides = columns.map(({ widths }) => widths.reduce((sum, width) => sum + width, 0));
  return (tensors, row) => {
    const starts = strides.map((stride) => row * stride);
    const decided = decides.map((decide, target) => {
      const own = columns.map(({ name, widths }, place): [string, OutputData] => {
        const start = starts[place]!;
        starts[place] = start + widths[target]!;
        return [name, tensors[name]!.slice(start, starts[place])];
      });
      return decideAlone(decide, Object.fromEntries(own), row);
    });
    return {
      classIndex: -1,
      raw: decided.flatMap(({ raw }) => raw),
      probabilities: decided.flatMap(({ probabilities }) => probabilities),
      targets: decided,
    };
  };
}

/** Decides a target of which only this row is there; a fault names the row by its place in the run. */
function decideAlone(decide: Decide, outputs: Outputs, row: number): Decided {
  try {
    return decide(outputs, 0);
  } catch (error) {
    throw error instanceof NoFiniteAnswer ? new NoFiniteAnswer(row) : error;
  }
}

/** How many columns of a tensor belong to one target. */
function widthOf(decision: DecisionSpec, output: string, { length }: readonly ClassSpec[]): number {
  if (decision.kind === 'softmax') return length;
  if (decision.kind === 'margin') return length === 2 ? 1 : length;
  return decision.kind === 'labelled' && output === decision.probabilities ? length : 1;
}

/** Outcomes of several targets: what each has for itself, by its name. */
export class TargetOutcomes implements Outcomes {
  constructor(
    private readonly names: readonly string[],
    private readonly single: readonly Outcomes[],
  ) {}

  of({ targets = [] }: Decided): Outcome {
    const outcomes = targets.map((decided, target) => this.single[target]!.of(decided));
    const byName = (key: keyof Outcome): object =>
      Object.fromEntries(this.names.map((name, target) => [name, outcomes[target]![key]]));
    const keys = Object.keys(outcomes[0]!) as (keyof Outcome)[];
    return Object.fromEntries(keys.map((key) => [key, byName(key)])) as unknown as Outcome;
  }

  prediction(decided: Decided): Outcome['prediction'] {
    return this.of(decided).prediction;
  }

  openText(decided: Decided): string {
    return JSON.stringify(this.of(decided)).slice(0, -1);
  }

  score(): undefined {
    return undefined;
  }
}
