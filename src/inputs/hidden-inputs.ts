/**
 * Inputs of a version whose values are nobody's but the model's, by name. Nothing that is kept or logged holds them, nor does
 * any fault or warning repeat them: in records stands a keyed hash of them, or nothing.
 */
export type HiddenInputs = ReadonlyMap<string, 'hash' | 'drop'>;

export const NONE_HIDDEN: HiddenInputs = new Map();
