import type { InputSpec } from '../artifacts/manifest.js';
import { escape } from './input-errors.js';
import type { Row } from './input-check.js';

/** Something the caller should know about a prediction that was made all the same. */
export interface Warning {
  readonly pointer: string;
  readonly code: 'outside_training_range';
  readonly detail: string;
}

/** Tells which inputs of a row are legal but lie outside of what the model was trained on. */
export class TrainingRange {
  private readonly ranges: readonly { name: string; minimum: number; maximum: number }[];
  private readonly meansMissing: ReadonlyMap<string, ReadonlySet<number>>;

  constructor(inputs: readonly InputSpec[]) {
    this.ranges = inputs.flatMap(({ name, observed }) => (observed ? [{ name, ...observed }] : []));
    this.meansMissing = new Map(inputs.map(({ name, missing_values }) => [name, new Set(missing_values)]));
  }

  /** @returns undefined where there is nothing to say, which is nearly always. */
  warnings(row: Row): Warning[] | undefined {
    let found: Warning[] | undefined;
    for (const { name, minimum, maximum } of this.ranges) {
      const value = row[name];
      if (typeof value !== 'number' || (value >= minimum && value <= maximum)) continue;
      if (this.meansMissing.get(name)?.has(value)) continue;
      (found ??= []).push({
        pointer: `/${escape(name)}`,
        code: 'outside_training_range',
        detail: `${value} lies outside of the training range ${minimum} to ${maximum}`,
      });
    }
    return found;
  }
}
