/** A prediction whose truth is known. */
export interface Answered {
  /** The place of the predicted class among the version's classes, or the number. */
  readonly predicted: number;
  /** The same of what came true. */
  readonly truth: number;
  /** The probability of the last class; null where the version tells none. */
  readonly score: number | null;
  /** The parts of all rows that it belongs to, by names as `salary = low`. */
  readonly slices: readonly string[];
  /** When the truth arrived, in milliseconds since 1970. */
  readonly time: number;
}

export const isRight = ({ predicted, truth }: Answered): boolean => predicted === truth;
