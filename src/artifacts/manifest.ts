/** A value of an input that is not missing; a `datetime` is a text. */
export type InputValue = number | string | boolean;

/** What one input of a model takes. `observed` is the training range (outside: a warning), the bounds are legal ones. */
export interface InputSpec {
  readonly name: string;
  readonly type: 'number' | 'integer' | 'boolean' | 'datetime' | 'category' | 'text';
  readonly description: string;
  readonly example: InputValue | null;
  readonly unit?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  /** Texts for a datetime. */
  readonly observed?: { readonly minimum: number | string; readonly maximum: number | string };
  /** The values that are taken; with `open` those that are known, beside which all others are taken with a warning. */
  readonly categories?: readonly InputValue[];
  readonly open?: boolean;
  /** In Unicode code points; of a text, or of an open category. */
  readonly maximum_length?: number;
  /** null is taken, and the field may be left out: the value is missing. */
  readonly nullable?: boolean;
  /** Numbers that stand for a missing value in the training data. */
  readonly missing_values?: readonly number[];
  /** What is kept of the values that callers send: themselves where it is absent, a keyed hash, or nothing. */
  readonly record?: 'keep' | 'hash' | 'drop';
}

/**
 * One column of a tabular tensor: an input's number as it is, or what `table` makes of its value. JSON has no NaN: null
 * in a table, or as `unknown` or `missing`, is one.
 */
export interface ColumnSpec {
  readonly name: string;
  readonly input: string;
  /** By value: a text as it stands, a number or a boolean as JSON writes it. */
  readonly table?: Readonly<Record<string, number | null>>;
  /** What values give that the table does not have; 0 where it is absent. */
  readonly unknown?: number | null;
  /** What a missing value gives; 0 where it is absent. */
  readonly missing?: number | null;
}

/** What a text is counted by, as scikit-learn's CountVectorizer has it; what is absent is its default. */
export interface TermsSpec {
  readonly analyzer?: 'word' | 'char' | 'char_wb';
  readonly ngram_range?: readonly [number, number];
  readonly lowercase?: boolean;
  readonly strip_accents?: 'ascii' | 'unicode';
  /** As JavaScript reads it, with the flags g and u. */
  readonly token_pattern?: string;
}

export interface TfidfSpec extends TermsSpec {
  readonly encoder: 'tfidf';
  readonly input: string;
  readonly vocabulary: string;
  /** Whether a term counts once, however often it occurs. */
  readonly binary?: boolean;
  readonly sublinear_tf: boolean;
  readonly norm: 'l1' | 'l2' | null;
}

export type EncodingSpec = PartSpec | { readonly encoder: 'parts'; readonly parts: readonly PartSpec[] };

/** What fills one tensor of the graph (TF-IDF: two); several parts fill the tensors in their order. */
export type PartSpec =
  | { readonly encoder: 'tabular'; readonly columns: readonly ColumnSpec[] }
  | { readonly encoder: 'string'; readonly input: string }
  | TfidfSpec
  | {
      readonly encoder: 'tokens';
      readonly input: string;
      readonly vocabulary: string;
      readonly maximum_tokens: number;
      readonly token_pattern: string;
    };

/** Datatypes are those of the Open Inference Protocol; -1 in a shape is a free dimension. */
export interface TensorSpec {
  readonly name: string;
  readonly datatype: 'FP64' | 'FP32' | 'INT64' | 'INT32' | 'BOOL' | 'BYTES';
  readonly shape: readonly number[];
}

export type Task = 'classification' | 'regression' | 'anomaly' | 'clustering';

/** How an answer follows from the output tensors. */
export type DecisionSpec =
  | { readonly kind: 'sigmoid'; readonly output: string; readonly precision: 'FP64' | 'FP32' }
  | {
      readonly kind: 'softmax';
      readonly output: string;
      readonly precision: 'FP64' | 'FP32';
      readonly argmax?: 'raw' | 'probabilities';
    }
  | { readonly kind: 'margin'; readonly output: string }
  | { readonly kind: 'labelled'; readonly label: string; readonly probabilities?: string }
  | { readonly kind: 'value'; readonly output: string }
  | {
      readonly kind: 'anomaly';
      readonly label: string;
      readonly score: string;
      /** Scores below it are anomalies. */
      readonly threshold: number;
    }
  | { readonly kind: 'cluster'; readonly label: string; readonly distances: string };

export interface ClassSpec {
  readonly value: number | string;
  readonly label: string;
}

/** One of several answers to a row. */
export interface TargetSpec {
  readonly name: string;
  /** Absent for a regression. */
  readonly classes?: readonly ClassSpec[];
}

/** `manifest.json`, the contract between the Python package and the server (docs/architecture.md). */
export interface Manifest {
  readonly schema: 1;
  readonly model: string;
  readonly version: string;
  readonly created: string;
  readonly task: Task;
  readonly description: string;
  readonly authors: readonly string[];
  readonly license: string;
  readonly inputs: readonly InputSpec[];
  readonly encoding: EncodingSpec;
  readonly tensors: { readonly inputs: readonly TensorSpec[]; readonly outputs: readonly TensorSpec[] };
  readonly classes?: readonly ClassSpec[];
  readonly targets?: readonly TargetSpec[];
  readonly decision: DecisionSpec;
  /** Of the golden samples' replay; 0: equal bit for bit. What the model has not (raw scores, probabilities) is absent. */
  readonly tolerance: { readonly raw?: number; readonly probability?: number };
  readonly metrics: Readonly<Record<string, number>>;
  readonly training: Readonly<Record<string, unknown>>;
}

/** The value of a class. */
type Label = ClassSpec['value'];

/** One golden sample: an input as the DTO takes it, with the original estimator's answer. */
export interface Sample {
  readonly kind: string;
  readonly input: Readonly<Record<string, unknown>>;
  /** Raw output in tensor order; empty where the decision is `labelled`. Of several targets one after another. */
  readonly raw: readonly number[];
  readonly probabilities?: readonly number[];
  readonly label?: Label | readonly Label[];
}
