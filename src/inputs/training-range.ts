import type { InputSpec } from '../artifacts/manifest.js';
import { epochSeconds } from './date-time.js';
import { type HiddenInputs, NONE_HIDDEN } from './hidden-inputs.js';
import { escape, show } from './input-errors.js';
import type { Row } from './input-check.js';

/** Something the caller should know about a prediction that was made all the same. */
export interface Warning {
  readonly pointer: string;
  readonly code: 'outside_training_range';
  readonly detail: string;
}

/** Tells which inputs of a row are legal but lie outside of what the model was trained on. */
export class TrainingRange {
  private readonly ranges: readonly Range[];
  private readonly known: readonly { name: string; values: ReadonlySet<unknown> }[];

  constructor(
    inputs: readonly InputSpec[],
    private readonly hidden: HiddenInputs = NONE_HIDDEN,
  ) {
    this.ranges = inputs.flatMap((input) => rangeOf(input) ?? []);
    this.known = inputs.flatMap(({ name, open, categories, missing_values = [] }) =>
      open
        ? [{ name, values: new Set<unknown>([...(categories ?? []), ...missing_values, null, undefined]) }]
        : [],
    );
  }

  /** @returns undefined where there is nothing to say, which is nearly always. */
  warnings(row: Row): Warning[] | undefined {
    let found: Warning[] | undefined;
    for (const range of this.ranges) {
      const sent = row[range.name];
      const value = range.isTime && typeof sent === 'string' ? epochSeconds(sent) : sent;
      if (typeof value !== 'number' || (value >= range.minimum && value <= range.maximum)) continue;
      if (range.meansMissing.has(value)) continue;
      const told = this.hidden.has(range.name) ? 'it' : String(sent);
      const detail = `${told} lies outside of the training range ${range.told}`;
      (found ??= []).push(warning(range.name, detail));
    }
    for (const { name, values } of this.known) {
      const value = row[name];
      if (values.has(value)) continue;
      const told = this.hidden.has(name) ? 'it' : show(value);
      (found ??= []).push(warning(name, `${told} did not occur in training`));
    }
    return found;
  }
}

interface Range {
  readonly name: string;
  readonly minimum: number;
  readonly maximum: number;
  readonly told: string;
  readonly meansMissing: ReadonlySet<number>;
  readonly isTime: boolean;
}

function rangeOf({ name, type, observed, open, missing_values }: InputSpec): Range | undefined {
  // Of an open input it is known which values there were.
  if (observed === undefined || open) return undefined;
  const { minimum, maximum } = observed;
  const isTime = type === 'datetime';
  return {
    name,
    minimum: isTime ? epochSeconds(String(minimum)) : Number(minimum),
    maximum: isTime ? epochSeconds(String(maximum)) : Number(maximum),
    told: `${minimum} to ${maximum}`,
    meansMissing: new Set(missing_values),
    isTime,
  };
}

function warning(name: string, detail: string): Warning {
  return { pointer: `/${escape(name)}`, code: 'outside_training_range', detail };
}
